"""The secrets of an application: their names, and the lines that define them where an environment makes its own."""

from __future__ import annotations

import re
from pathlib import Path

_LENGTHS = {"secret_key": 64}
_LOOKUP = "{{{{ lookup('ansible.builtin.password', lab_dir ~ '/secrets/{name}', length={length}{chars}) }}}}"
#: Without it there may be commas in it, and an earlier key of Django's stands in a list with commas.
_CHARS = ", chars=['ascii_letters', 'digits']"
_OWN_LOOKUP = re.compile(r"^vault_\w+: \"\{\{ lookup\('ansible\.builtin\.password', lab_dir ~", re.MULTILINE)
#: What app_secrets calls a secret, and how its variable ends.
SUFFIXES = {
    "database": "database_password",
    "broker": "broker_password",
    "redis": "redis_password",
    "django": "secret_key",
}


def reference(application: str, suffix: str) -> str:
    """Return the value that refers to a secret in the vault."""
    return f"{{{{ vault_{application}_{suffix} }}}}"


def lines(application: str, secrets: list[str]) -> dict[str, str]:
    """Return variable to line, generated on first use as the lab's secrets are; ``secrets`` as in app_secrets."""
    found = {}
    for suffix in (SUFFIXES[secret] for secret in secrets):
        name = f"{application}_{suffix}"
        chars = _CHARS if suffix == SUFFIXES["django"] else ""
        lookup = _LOOKUP.format(name=name, length=_LENGTHS.get(suffix, 32), chars=chars)
        found[f"vault_{name}"] = f'vault_{name}: "{lookup}"'
    return found


def makes_its_own(path: Path) -> bool:
    """Tell whether a vault is a plain file whose secrets are made on first use: only such a one is added to."""
    return path.is_file() and bool(_OWN_LOOKUP.search(path.read_text()))


def add(path: Path, wanted: dict[str, str]) -> list[str]:
    """Append to a vault those lines whose variable it lacks; return them."""
    text = path.read_text()
    missing = [line for name, line in wanted.items() if not re.search(rf"^{name}:", text, re.MULTILINE)]
    if missing:
        with path.open("a") as file:
            file.write(("" if text.endswith("\n") or not text else "\n") + "".join(f"{line}\n" for line in missing))
    return missing

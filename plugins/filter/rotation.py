"""What a rotation of secrets means for the applications: who signs in with what, and what is still accepted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.template import accept_lazy_markers

# As plugins/filter/applications.py does it, and for the same reason.
_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.secrets_store import rotation  # noqa: E402
from ansible.module_utils.secrets_store.targets import KINDS, OPERATOR, key_of, user_of  # noqa: E402


@accept_lazy_markers
def rotated(applications: list[dict[str, Any]], rotations: dict[str, Any], days: float) -> list[dict[str, Any]]:
    """Return complete definitions with the secrets in use, and ``logins``, who may sign in to what.

    ``rotations`` is ``vault_rotations``; ``days`` is how long SECRET_KEY_FALLBACKS are kept. ``logins`` has, for the
    secrets that the application has: database and broker ``{user, a, b}``, a password for each of two accounts, "" for
    one that may not sign in; redis the list of passwords accepted; ``further`` what is accepted beside the one in use,
    by kind, as ``{user, password}``. ``secrets.fallbacks`` are Django's earlier keys, where there are any.
    """
    return [_rotated(app, rotations or {}, float(days)) for app in applications]


def _rotated(app: dict[str, Any], rotations: dict[str, Any], days: float) -> dict[str, Any]:
    name, secrets = app["name"], dict(app["secrets"])
    logins: dict[str, Any] = {}
    for kind in set(KINDS.values()) - {OPERATOR}:
        value, entry = secrets.get(kind), rotations.get(key_of(name, kind), {})
        if value is None:
            continue
        secrets[kind] = rotation.current(entry, value)
        if kind in rotation.TWO_ACCOUNTS:
            found = rotation.accounts(entry, value)
            logins[kind] = {"user": user_of(name, found["used"]), "a": found["a"], "b": found["b"]}
        elif kind == "redis":
            logins[kind] = rotation.accepted(entry, value)
        elif keys := rotation.fallbacks(entry, days, datetime.now(UTC)):
            secrets["fallbacks"] = ",".join(keys)
    return app | {"secrets": secrets, "logins": logins}


@accept_lazy_markers
def second_operators(rotations: dict[str, Any], name: str) -> list[dict[str, str]]:
    """Return ``[{name, password}]`` while the operator has a second password, else none."""
    others = rotation.accepted((rotations or {}).get(OPERATOR, {}), None)[1:]
    return [{"name": name, "password": password} for password in others]


@accept_lazy_markers
def live_releases(applications: list[dict[str, Any]], statuses: dict[str, Any], dist: str) -> dict[str, Any]:
    """Return what of the live releases it takes to release them again: ``builds``, ``previous`` and ``faults``.

    ``builds`` are what release_build would return, by application; ``bundle`` is empty where ``dist`` has none, and
    hosts take what they have. ``previous`` are release ids by application and host, ``faults`` say what is missing. The
    releases of one bundle differ in their configuration.
    """
    found: dict[str, Any] = {"builds": {}, "previous": {}, "faults": []}
    for app in applications:
        name = app["name"]
        bundles = {(status["bundles"][name] or {}).get("id", "") for status in statuses.values()}
        if len(bundles) != 1 or "" in bundles:
            found["faults"].append(f"{name} is not live, or not in one version everywhere: make deploy APP={name}")
            continue
        # Each host knows its own kind's at least.
        venvs = {kind: venv for status in statuses.values() for kind, venv in status["bundles"][name]["venvs"].items()}
        here = _bundle(Path(dist), f"{name}-{next(iter(bundles))}", venvs)
        found["builds"][name] = {"id": next(iter(bundles)), "bundle": here, "venvs": venvs}
        found["previous"][name] = {
            host: status["previous"][name]
            for host, status in statuses.items()
            # A rotation that was interrupted has made the release before it the former one.
            if status["previous"][name] and status["previous"][name].rpartition("-")[0] not in bundles
        }
    return found


def _bundle(dist: Path, name: str, venvs: dict[str, str]) -> str:
    """Return the path of the bundle with these virtual environments; "" for none."""
    for path in sorted(dist.glob(f"{name}-*.json")):
        if venvs.items() <= json.loads(path.read_text())["venvs"].items() and path.with_suffix(".tar").is_file():
            return str(path.with_suffix(".tar"))
    return ""


@accept_lazy_markers
def unseen_phases(rotations: dict[str, Any], phases: dict[str, str]) -> list[str]:
    """Return the keys for which ``vault_rotations`` says another phase than the store, which has ``phases``."""
    return [key for key, phase in phases.items() if (rotations or {}).get(key, {}).get("phase", "") != phase]


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {
            "rotated": rotated,
            "second_operators": second_operators,
            "live_releases": live_releases,
            "unseen_phases": unseen_phases,
        }

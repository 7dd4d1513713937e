"""The text of apps/<name>.yml: each line below a comment that says what it was guessed from."""

from __future__ import annotations

import textwrap
from typing import Any

import yaml

from .findings import Definition

_WIDTH = 118
#: Columns of a line that stands in one piece.
_SHORT = 110


class _Dumper(yaml.SafeDumper):
    """Quotes templates as the kit's own files do, and indents lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent a list below its key as well."""
        super().increase_indent(flow, indentless=False)


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "|" if "\n" in text else '"' if "{{" in text or text.startswith("<") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quoted)


_Dumper.add_representer(str, _string)


def render(definition: Definition, source: str) -> str:
    """Return the file's text; ``source`` is what `make new-app` was given."""
    head = (
        f"Guessed by `make new-app` from {source}, without running it: read every line. Each stands below what it was"
        " guessed from; lines with <fill in: ...> are refused by `make preflight` until they are answered. Every key is"
        " described in roles/app/meta/argument_specs.yml."
    )
    parts = [_comment(head), *(_entry(definition, key) for key in definition.entries)]
    if definition.notes:
        parts.append("\n" + "\n".join(_comment(note) for note in definition.notes))
    return "\n".join(parts) + "\n"


def _entry(definition: Definition, key: str) -> str:
    guess = definition.entries[key]
    remarks = [_comment(f"From {guess.reason}."), *map(_comment, definition.remarks.get(key, []))]
    return "\n".join(["", *remarks, _line(key, guess.value)])


def _line(key: str, value: Any) -> str:
    line = f"{key}: {_flow(value)}"
    if "\\n" in line:
        # Lines of a file or of a script: as they are.
        return yaml.dump({key: value}, Dumper=_Dumper, default_flow_style=False, width=10_000, sort_keys=False).rstrip()
    if isinstance(value, str):
        return _scalar(key, value)
    if isinstance(value, dict) and value and (len(line) > _SHORT or key.endswith(("environment", "_map", "secrets"))):
        return "\n".join([f"{key}:", *(f"  {_scalar(_flow(name), item, '    ')}" for name, item in value.items())])
    if isinstance(value, list) and value and (len(line) > _SHORT or isinstance(value[0], dict)):
        return "\n".join([f"{key}:", *(f"  - {_flow(item)}" for item in value)])
    return line


def _scalar(key: str, value: Any, indent: str = "  ") -> str:
    """Return a key with its value, which is folded where it is a long text."""
    line = f"{key}: {_flow(value)}"
    if len(line) <= _SHORT or not isinstance(value, str) or " ".join(value.split()) != value:
        return line
    return "\n".join([f"{key}: >-", *(indent + part for part in textwrap.wrap(value, _SHORT, break_on_hyphens=False))])


def _flow(value: Any) -> str:
    text = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def _comment(text: str) -> str:
    plain = "".join(character if character.isprintable() else " " for character in text)
    return "\n".join(f"# {line}" for line in textwrap.wrap(" ".join(plain.split()), _WIDTH, break_on_hyphens=False))

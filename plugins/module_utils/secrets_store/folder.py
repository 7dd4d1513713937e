"""Secrets that are made on first use, each a file of a private directory, as Ansible's lookup `password` reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import SecretsError
from .writing import alone, replace_file

PREFIX = "vault_"
#: What is no string lies in a file of this kind.
STRUCTURED = ".json"


class Folder:
    """A store; ``vault_x`` is the file ``x``, what is no string ``x.json``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.place = str(directory)

    def names(self) -> list[str]:
        """Return the names that have a value."""
        files = self._directory.iterdir() if self._directory.is_dir() else []
        return sorted(PREFIX + path.name.removesuffix(STRUCTURED) for path in files if not path.name.startswith("."))

    def read(self, name: str) -> Any:
        """Return a value, or None where there is none."""
        plain = self._file(name)
        if plain.is_file():
            return plain.read_text(encoding="utf-8").rstrip()
        structured = self._file(name, STRUCTURED)
        return json.loads(structured.read_text(encoding="utf-8")) if structured.is_file() else None

    def write(self, changes: dict[str, Any]) -> None:
        """Write values; None removes one. What is no string first: it says which of the others are to be trusted."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(self._directory):
            for name, value in sorted(changes.items(), key=lambda change: isinstance(change[1], str)):
                self._write(name, value)

    def _write(self, name: str, value: Any) -> None:
        if value is None:
            self._file(name).unlink(missing_ok=True)
            self._file(name, STRUCTURED).unlink(missing_ok=True)
        elif not isinstance(value, str):
            replace_file(self._file(name, STRUCTURED), json.dumps(value, indent=1).encode(), 0o600)
        elif value != value.strip() or " salt=" in value or "\n" in value:
            raise SecretsError(f"{name} begins or ends with a space, or has a line break: a file cannot hold it")
        else:
            replace_file(self._file(name), value.encode() + b"\n", 0o600)

    def _file(self, name: str, suffix: str = "") -> Path:
        return self._directory / (name.removeprefix(PREFIX) + suffix)

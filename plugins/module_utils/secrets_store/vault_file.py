"""Secrets in one file of an inventory, encrypted as a whole by ansible-vault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import yaml_text
from .errors import SecretsError
from .writing import alone, replace_file


class VaultFile:
    """A store; ``decrypt`` and ``encrypt`` turn the file's bytes into its text and back."""

    def __init__(self, path: Path, decrypt: Callable[[bytes], str], encrypt: Callable[[str], bytes]) -> None:
        # A link stays a link.
        self._path = path.resolve()
        self._decrypt, self._encrypt = decrypt, encrypt
        self.place = str(path)

    def names(self) -> list[str]:
        """Return the names that have a value."""
        return list(yaml_text.values(self._text()))

    def read(self, name: str) -> Any:
        """Return a value, or None where there is none. Raises SecretsError for one that is worked out elsewhere."""
        found = yaml_text.values(self._text())
        if name in found and found[name] is None:
            raise SecretsError(f"{name} in {self.place} is a template or encrypted once more; write its value there")
        return found.get(name)

    def write(self, changes: dict[str, Any]) -> None:
        """Write values, all or none; None removes one. The rest of the file stays as it is."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self._path.parent):
            mode = self._path.stat().st_mode & 0o777 if self._path.exists() else 0o600
            text = yaml_text.changed(self._text(), changes)
            replace_file(self._path, self._encrypt(text), mode)

    def _text(self) -> str:
        return self._decrypt(self._path.read_bytes()) if self._path.exists() else ""

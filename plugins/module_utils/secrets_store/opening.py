"""Find the store of an environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import SecretsError
from .folder import Folder
from .vault_file import VaultFile

FILE = "group_vars/all/vault.yml"
#: How a file begins that ansible-vault has encrypted.
_ENCRYPTED = b"$ANSIBLE_VAULT;"
_PASSWORD = "with ANSIBLE_VAULT_PASSWORD_FILE or --ask-vault-pass"


def open_store(inventory: Path, made_in: str, vault: Any) -> VaultFile | Folder:
    """Return the store of an inventory, a directory or a file of it.

    ``made_in`` is the private directory of an environment whose secrets are made on first use, else empty; ``vault`` is
    Ansible's VaultLib. Raises SecretsError for secrets that lie there in clear.
    """
    path = (inventory if inventory.is_dir() else inventory.parent) / FILE
    there = path.read_bytes() if path.exists() else None
    if there.startswith(_ENCRYPTED) if there is not None else not made_in:
        return VaultFile(path, lambda content: _decrypted(vault, content, path), lambda text: _encrypted(vault, text))
    if not made_in:
        raise SecretsError(f"{path} is not encrypted: ansible-vault encrypt {path}")
    return Folder(Path(made_in) / "secrets")


def _decrypted(vault: Any, content: bytes, path: Path) -> str:
    try:
        return bytes(vault.decrypt(content)).decode()
    except Exception:
        # Its own words may quote the file.
        raise SecretsError(f"{path} cannot be decrypted: give the right password {_PASSWORD}") from None


def _encrypted(vault: Any, text: str) -> bytes:
    if not vault.secrets:
        raise SecretsError(f"no password to encrypt with: give one {_PASSWORD}")
    return bytes(vault.encrypt(text))

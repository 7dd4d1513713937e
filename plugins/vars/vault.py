"""Say which encrypted file of the inventory cannot be read, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, ClassVar

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import AnsibleVaultError, is_encrypted_file
from ansible.plugins.vars import BaseVarsPlugin
from ansible.utils.path import basedir

DOCUMENTATION = """
name: vault
short_description: Names the vault file that cannot be decrypted
description:
  - Provides no variables. Ansible itself only says 'no vault secrets found', without the file; this plugin runs
    before C(host_group_vars), tries the encrypted files first and names file and remedy.
"""

REMEDY = (
    "give the right password with --vault-password-file FILE, --ask-vault-pass "
    "or the environment variable ANSIBLE_VAULT_PASSWORD_FILE"
)


class VarsModule(BaseVarsPlugin):
    """Try each encrypted file of group_vars and host_vars once; the loader keeps what it has read."""

    is_stateless = True
    _checked: ClassVar[set[str]] = set()

    def get_vars(self, loader: DataLoader, path: str, entities: Any, cache: bool = True) -> dict[str, Any]:
        """Return {}; raise AnsibleParserError that names the first file which cannot be decrypted."""
        directory = os.path.realpath(basedir(path))
        if directory not in self._checked:
            self._checked.add(directory)
            for file in _encrypted(directory):
                _try(loader, file)
        return {}


def _encrypted(directory: str) -> Iterator[str]:
    for kind in ("group_vars", "host_vars"):
        for parent, _, names in os.walk(os.path.join(directory, kind)):
            for name in sorted(names):
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    if is_encrypted_file(file):
                        yield path


def _try(loader: DataLoader, path: str) -> None:
    try:
        loader.load_from_file(path, cache="all", unsafe=True, trusted_as_template=True)
    except AnsibleError as error:
        if isinstance(error, AnsibleVaultError) or isinstance(error.__cause__, AnsibleVaultError):
            raise AnsibleParserError(f"{path} is encrypted and cannot be read: {REMEDY}") from None
        raise

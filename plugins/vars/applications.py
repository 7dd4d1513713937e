"""Provide the inventory's applications as the variable `applications`."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from ansible.errors import AnsibleParserError
from ansible.inventory.group import InventoryObjectType
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.vars import BaseVarsPlugin
from ansible.utils.path import basedir

DOCUMENTATION = """
name: applications
short_description: Reads the applications of an inventory
description:
  - Reads C(apps/*.yml) beside the inventory, one application each, into the variable C(applications) of the group
    C(all), a dictionary of file stem to the keys as written (C(app_*)). Their strings are templates.
  - Validation is the business of the filters C(application_problems) and C(complete_applications).
"""


class VarsModule(BaseVarsPlugin):
    """Read apps/*.yml once for each inventory directory."""

    is_stateless = True
    _by_directory: ClassVar[dict[str, dict[str, Any]]] = {}

    def get_vars(self, loader: DataLoader, path: str, entities: Any, cache: bool = True) -> dict[str, Any]:
        """Return {"applications": {stem: mapping}} for the group all; {} for others and where no apps/ is.

        Raises AnsibleParserError, naming the file (and line), for what is not a mapping of keys.
        """
        if not any(_is_all(entity) for entity in (entities if isinstance(entities, list) else [entities])):
            return {}
        directory = os.path.join(os.path.realpath(basedir(path)), "apps")
        if directory not in self._by_directory:
            self._by_directory[directory] = _read(loader, directory)
        found = self._by_directory[directory]
        return {"applications": found} if found else {}


def _is_all(entity: Any) -> bool:
    return entity.base_type is InventoryObjectType.GROUP and entity.name == "all"


def _read(loader: DataLoader, directory: str) -> dict[str, Any]:
    found = {}
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
        stem, extension = os.path.splitext(name)
        path = os.path.join(directory, name)
        if name.startswith(".") or extension in {".md", ".orig"} or name.endswith("~"):
            continue
        if extension != ".yml" or not os.path.isfile(path):
            # Skipping it in silence would leave an application out of a deploy.
            raise AnsibleParserError(f"{path}: not read; an application is a file apps/<app_name>.yml")
        # Trusted: definitions are written by the operator and refer to `{{ vault_... }}`.
        data = loader.load_from_file(path, cache="all", unsafe=True, trusted_as_template=True)
        if not isinstance(data, dict):
            raise AnsibleParserError(f"{path}:1: expected a mapping of app_* keys, found {_kind(data)}")
        found[stem] = data
    return found


def _kind(data: Any) -> str:
    return "nothing" if data is None else f"a {type(data).__mro__[1].__name__}"

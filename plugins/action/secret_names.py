"""Make the secrets that an environment lacks, and say which there are."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_names
short_description: Make the secrets that an environment lacks, and say which there are
description:
  - Gives a strong value to each secret that applications, operators or members of a cluster need and anybody may invent. Runs on the
    controller and returns names, never a value.
options:
  inventory: {description: The environment's directory or a file of it., type: path, required: true}
  made_in: {description: Private directory of an environment whose secrets are made on first use., type: path, default: ""}
author: Cloche
"""

RETURN = r"""
lines: {description: "A line for each name, and where they are kept.", type: list, returned: always}
made: {description: Names that were given a value., type: list, returned: always}
"""

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.secrets_store.errors import SecretsError
from ansible.module_utils.secrets_store.names import complete, makeable, told, used_in
from ansible.module_utils.secrets_store.opening import FILE, open_store
from ansible.module_utils.secrets_store.rotation import ROTATIONS

OPTIONS = {"inventory": {"type": "path", "required": True}, "made_in": {"type": "path", "default": ""}}


class ActionModule(ActionBase):
    """What a module of this name would do, on the controller, which has the store and the vault's password."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return RETURN; raises AnsibleActionFail where the store cannot be read or written."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=OPTIONS)
        variables, inventory = task_vars or {}, Path(options["inventory"])
        try:
            store = open_store(inventory, options["made_in"], self._loader._vault)
            # As they are written: which names of the vault they stand for is the question.
            own = [variables.get(name) for name in ("operator_password", "cluster_secret")]
            kinds = makeable(variables.get("applications", {}), *own)
            made = complete(store, kinds, self._task.check_mode)
            rotations = store.read(ROTATIONS) or {}
            present = store.names()
        except SecretsError as error:
            raise AnsibleActionFail(str(error)) from None
        lines = [f"in {store.place}:", *told(present, used_in(written(inventory)) | set(kinds), made, rotations)]
        return {"changed": bool(made), "made": made, "lines": lines}


def written(inventory: Path) -> list[str]:
    """Return the texts of an inventory's YAML files, but for the vault itself."""
    root = inventory if inventory.is_dir() else inventory.parent
    paths = [path for place in ("apps", "group_vars", "host_vars") for path in sorted((root / place).rglob("*.yml"))]
    return [path.read_text(encoding="utf-8") for path in paths if not path.match(FILE)]

"""Take the exchange of secrets a step further, in the environment's store on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_rotation
short_description: Take the exchange of secrets a step further
description:
  - Writes the store that O(inventory) has, in one step; nothing is changed where it is already that far. Runs on the
    controller and returns no secret.
options:
  inventory: {description: The environment's directory or a file of it., type: path, required: true}
  made_in: {description: Private directory of an environment whose secrets are made on first use., type: path, default: ""}
  kind: {description: "postgres, rabbitmq, redis, django or flower.", type: str, required: true}
  only: {description: One application alone., type: str, default: ""}
  but: {description: Applications that are left as they are., type: list, elements: str, default: []}
  step: {description: "Where to: begun, promoted, demoted, withdrawn, finished; without it, only look.", type: str}
author: Cloche
"""

RETURN = r"""
apps: {description: Names of the applications that are meant; none for flower., type: list, returned: always}
vault: {description: "The encrypted file that holds the secrets, empty where each has a file.", type: str, returned: always}
phases: {description: How far each exchange is by C(app.kind)., type: dict, returned: always}
"""

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.secrets_store.errors import SecretsError
from ansible.module_utils.secrets_store.opening import open_store
from ansible.module_utils.secrets_store.steps import STEPS, phases, step
from ansible.module_utils.secrets_store.targets import targets
from ansible.module_utils.secrets_store.vault_file import VaultFile

OPTIONS = {
    "inventory": {"type": "path", "required": True},
    "made_in": {"type": "path", "default": ""},
    "kind": {"type": "str", "required": True},
    "only": {"type": "str", "default": ""},
    "but": {"type": "list", "elements": "str", "default": []},
    "step": {"type": "str", "choices": list(STEPS)},
}


class ActionModule(ActionBase):
    """What a module of this name would do, on the controller, which has the store and the vault's password."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return RETURN; raises AnsibleActionFail with the secret's name and the remedy."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=OPTIONS)
        variables = task_vars or {}
        try:
            # As they are written: which name in the vault they stand for is the question.
            written = variables.get("applications", {}), variables.get("operator_password")
            meant = targets(options["kind"], options["only"], *written)
            meant = [target for target in meant if target.app not in options["but"]]
            store = open_store(Path(options["inventory"]), options["made_in"], self._loader._vault)
            moved = step(store, meant, options["step"], self._task.check_mode) if options["step"] else []
            found = phases(store, meant)
            vault = store.place if isinstance(store, VaultFile) else ""
        except SecretsError as error:
            raise AnsibleActionFail(str(error)) from None
        return {
            "changed": bool(moved),
            "apps": [target.app for target in meant if target.app],
            "phases": found,
            "vault": vault,
        }

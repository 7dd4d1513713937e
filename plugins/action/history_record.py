"""Say who runs which verb, for the line that each host keeps of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase

_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.operating.run import this_run

OPTIONS = {"verb": {"type": "str", "required": True}, "what": {"type": "str", "default": ""}}


class ActionModule(ActionBase):
    """Call the module of this name; ``verb`` is what was asked for, ``what`` says of which thing."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result with the ``entry`` that the callback ends."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=OPTIONS)
        run = this_run()
        entry = {"run": f"{run['token']}-{options['verb']}", "at": run["at"], "who": run["who"], **options}
        told = {"entry": entry | {"outcome": "begun"}}
        result = self._execute_module(module_name="history_record", module_args=told, task_vars=task_vars)
        return result if self._task.check_mode else result | {"entry": entry}

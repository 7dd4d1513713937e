"""Look from the controller, or from the host that a task is delegated to, whether names lead where they should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.acme_names import problems


class ActionModule(ActionBase):
    """The host itself is no good place to look from: its own names may lead to loopback, and its router may not turn round."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if self._task.delegate_to:
            return self._execute_module(module_name="acme_names", module_args=self._task.args, task_vars=task_vars)
        names = {"type": "list", "elements": "str", "required": True}
        _, options = self.validate_argument_spec(
            argument_spec={
                "names": names, "expected": names, "path": {"type": "str", "required": True},
                "content": {"type": "str", "default": ""},
            }
        )  # fmt: skip
        return {"changed": False, "problems": problems(**options)}

"""A step of a release on a host; linked under the name of each module that the conductor delegates.

Ansible calls a host that does not answer unreachable, not failed: neither `rescue` nor `always` would follow, so nothing
would go back on the other hosts and the lock would stay. Here it is a failure like others.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Run the module of the task's own name."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, or a failure where its host does not answer."""
        super().run(tmp, task_vars)
        try:
            result = self._execute_module(module_name=self._task.action, task_vars=task_vars)
        except AnsibleConnectionFailure as error:
            return {"failed": True, "msg": f"the host does not answer: {error}"}
        if result.pop("unreachable", False):
            return result | {"failed": True, "msg": f"the host does not answer: {result.get('msg')}"}
        return result

"""Sign a host's certificate on the controller, which has the authority's key."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.host_certificates import lacking, signed

_LIST = {"type": "list", "elements": "str", "required": True}
OPTIONS = {
    "directory": {"type": "path", "required": True},
    "owners": _LIST,
    "authority_key": {"type": "str", "required": True, "no_log": True},
    "names": _LIST,
    "addresses": _LIST,
    "days": {"type": "int", "required": True},
}


class ActionModule(ActionBase):
    """The host makes its key and a request; the controller signs that, and never sees the key."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return RETURN of the module of this name, or what it failed with."""
        super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec=OPTIONS)
        known = given["authority_key"], given["names"], given["addresses"]
        found = self._step("look", given, task_vars)
        if found.get("failed"):
            return found
        reason = lacking(found["certificate"], *known, datetime.datetime.now(datetime.UTC))
        result = {"changed": bool(reason), "reason": reason, "renewed": bool(reason) and found["there"]}
        if not reason or self._task.check_mode:
            return result
        asked = self._step("request", given, task_vars)
        if asked.get("failed"):
            return asked
        certificate = signed(asked["request"], *known, given["days"])
        done = self._step("install", given, task_vars, certificate=certificate)
        return done if done.get("failed") else result

    def _step(self, step: str, given: dict[str, Any], task_vars: Any, **more: str) -> dict[str, Any]:
        arguments = {"step": step, "directory": given["directory"], "owners": given["owners"], **more}
        return self._execute_module(module_name="host_certificate", module_args=arguments, task_vars=task_vars)

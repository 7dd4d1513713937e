"""Say who deploys, and judge whoever holds the lock already."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.operating.run import boot, started, this_run

OPTIONS = {
    "app": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["looked_at", "taken", "free"], "default": "taken"},
    "verb": {"type": "str", "default": ""},
    "release": {"type": "str", "default": ""},
    "break_lock": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    """Call the module of this name as the run of ansible-playbook that this task belongs to.

    ``verb`` and ``release`` are what the lock tells others. A lock whose run is known to have ended is taken over, and
    the result's ``found`` describes it; any other is refused, unless ``break_lock``.
    """

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, with ``found`` where a lock was taken over; raises AnsibleActionFail if refused."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=OPTIONS)
        arguments = {
            "app": options["app"],
            "state": options["state"],
            "owner": this_run() | {"verb": options["verb"], "release": options["release"]},
        }
        result = self._module(arguments, task_vars) | {"owner": arguments["owner"]}
        holder = result.get("holder")
        if not holder:
            return result
        if not (has_ended(holder) or options["break_lock"]):
            raise AnsibleActionFail(refusal(options["app"], holder))
        if options["state"] == "taken":
            result = self._module(arguments | {"abandoned": holder["token"]}, task_vars) | {"owner": arguments["owner"]}
            if result.get("holder"):
                raise AnsibleActionFail(refusal(options["app"], result["holder"]))
        return result | {"found": f"the {described(holder)} did not end; its lock is taken over"}

    def _module(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        return self._execute_module(module_name="release_lock", module_args=arguments, task_vars=task_vars)


def has_ended(holder: dict[str, Any]) -> bool:
    """Tell whether a holder is certain to be dead: of another machine nobody can say."""
    if holder["host"] != platform.node():
        return False
    return holder["boot"] != boot() or started(holder["pid"]) != holder["started"]


def described(holder: dict[str, Any]) -> str:
    """Return who holds a lock, since when and what for, in words."""
    release = f" of {holder['release']}" if holder.get("release") else ""
    return (
        f"{holder.get('verb') or 'deploy'}{release} by {holder['who']} since {holder['at']} (process {holder['pid']})"
    )


def refusal(app: str, holder: dict[str, Any]) -> str:
    """Return what to tell who comes second."""
    return (
        f"{app} is locked by the {described(holder)}; wait until it has ended. "
        "Where it is certain to be dead, -e release_break_lock=true takes its lock."
    )

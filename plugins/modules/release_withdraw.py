#!/usr/bin/python
"""Remove a release that failed, but for its logs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_withdraw
short_description: Remove a release that failed, but for its logs
description:
  - Ends the release's programs, removes its directory where it was staged for this attempt, and adds a line to
    C(deploys.log). A release that is live here is left alone, unless none was before it.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  remove: {description: "Remove its directory; false for one that was here before, as on the way back to it.", type: bool, default: true}
  first: {description: "No release was live here before this attempt: if this one is current by now, that is undone.", type: bool, default: false}
  timeout: {description: Seconds for its programs to end., type: int, default: 120}
  entry: {description: "What C(deploys.log) says beside release and outcome: at, who, verb, previous, seconds, step, why.", type: dict, required: true}
author: Cloche
"""

RETURN = r"""
ended: {description: Programs that were ended., type: list, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release import history
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.priority import end_boot
from ansible.module_utils.release.staging import remove_release
from ansible.module_utils.release.supervisor import Supervisor, SupervisorError


def withdraw(layout: Layout, supervisor: Supervisor, params: dict) -> list[str]:
    """End what the release runs, undo that it is live where none was before, and return the programs that ended."""
    if layout.current_id() == params["id"]:
        layout.leave_live()
    ended = [program for program in supervisor.programs(params["app"]) if params["id"] in program]
    supervisor.remove(ended, params["timeout"])
    end_boot(supervisor, params["app"])
    return ended


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "remove": {"type": "bool", "default": True},
            "first": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 120},
            "entry": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    serves = layout.current_id() == params["id"] and not params["first"]
    if module.check_mode or serves:
        module.exit_json(changed=False, ended=[])
    try:
        ended = withdraw(layout, Supervisor(), params)
    except (ImportError, SupervisorError) as error:
        module.fail_json(msg=f"{params['id']} can't be withdrawn: {error}")
    if params["remove"]:
        remove_release(layout, params["id"])
    history.append(layout, {"release": params["id"], "outcome": "failed", **params["entry"]})
    module.exit_json(changed=True, ended=ended)


if __name__ == "__main__":
    main()

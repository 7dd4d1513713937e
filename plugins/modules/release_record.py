#!/usr/bin/python
"""Write down that a release is live on this host, and clear away what no release needs any more."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_record
short_description: Write down that a release is live on this host
description:
  - Points C(current) and C(previous) where no web process has done so, forgets programs that have ended, removes old
    releases and their environments, and adds a line to C(deploys.log).
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  keep: {description: Releases kept for a way back., type: int, default: 5}
  previous: {description: "What C(previous) points to, where that is not the release before; one that is gone is left out.", type: str}
  entry: {description: "What C(deploys.log) says beside release and outcome: at, who, verb, previous, seconds.", type: dict, required: true}
author: Cloche
"""

RETURN = r"""
removed: {description: Releases removed., type: list, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release import history
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.priority import end_boot
from ansible.module_utils.release.staging import prune
from ansible.module_utils.release.supervisor import GONE, Supervisor


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "keep": {"type": "int", "default": 5},
            "previous": {"type": "str"},
            "entry": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    if module.check_mode:
        module.exit_json(changed=layout.current_id() != params["id"], removed=[])
    layout.go_live(params["id"])
    if params["previous"] and layout.release(params["previous"]).is_dir():
        layout.point(layout.previous, layout.release(params["previous"]))
    supervisor = Supervisor()
    end_boot(supervisor, params["app"])
    supervisor.forget_gone(f"{params['app']}-")
    busy = [name for name, state in supervisor.states().items() if state not in GONE]
    removed = prune(layout, params["keep"], busy)
    history.append(layout, {"release": params["id"], "outcome": "live", **params["entry"]})
    module.exit_json(changed=True, removed=removed)


if __name__ == "__main__":
    main()

#!/usr/bin/python
"""Let an application make something of its source on this host, before anything of the release is loaded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_prepare
short_description: Let an application make something of a release's source on this host
description:
  - Runs commands of bash in the release's environment, as the application's user, to whom the source belongs meanwhile.
    It goes back to root also when a command fails.
  - Does nothing for a release that was prepared before.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  commands: {description: "One after the other: C({command, timeout}), the latter in seconds.", type: list, elements: dict, required: true}
author: Cloche
"""

import pwd

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.commands import CommandError
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.preparing import is_prepared, prepare

COMMAND = {"command": {"type": "str", "required": True}, "timeout": {"type": "int", "required": True}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "commands": {"type": "list", "elements": "dict", "options": COMMAND, "required": True},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    if module.check_mode or is_prepared(layout, params["id"]):
        module.exit_json(changed=not is_prepared(layout, params["id"]))
    user = pwd.getpwnam(params["app"])
    try:
        prepare(layout, params["id"], params["commands"], (user.pw_uid, user.pw_gid))
    except CommandError as error:
        module.fail_json(msg=f"app_hooks.prepare: {error}")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()

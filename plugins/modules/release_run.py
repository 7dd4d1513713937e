#!/usr/bin/python
"""Run one of an application's own commands in the environment of a release."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_run
short_description: Run one of an application's own commands in the environment of a release
description:
  - A command of bash, run by the release's launcher as the application's user. What it leaves running ends with it.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  hook: {description: "Which of C(app_hooks) it belongs to; a failure names it.", type: str, required: true}
  command: {description: The command., type: str, required: true}
  timeout: {description: Seconds after which it is ended and has failed., type: int, required: true}
author: Cloche
"""

RETURN = r"""
output: {description: What the command printed., type: str, returned: success}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.commands import CommandError, execute
from ansible.module_utils.release.layout import Layout


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "hook": {"type": "str", "required": True},
            "command": {"type": "str", "required": True},
            "timeout": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=True, output="")
    try:
        output = execute(Layout(params["app"]), params["id"], params["command"], params["timeout"])
    except CommandError as error:
        module.fail_json(msg=f"app_hooks.{params['hook']}: {error}")
    module.exit_json(changed=True, output=output)


if __name__ == "__main__":
    main()

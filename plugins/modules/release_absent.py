#!/usr/bin/python
"""End every program of an application on this host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_absent
short_description: End every program of an application on this host
description:
  - Tells all programs to end, waits until they have, and removes their definitions. Files are the role app's business.
options:
  app: {description: The application., type: str, required: true}
  timeout: {description: Seconds for the programs to end what they hold., type: int, default: 120}
author: Cloche
"""

RETURN = r"""
removed: {description: Programs that were ended., type: list, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.supervisor import Supervisor, SupervisorError


def main() -> None:
    module = AnsibleModule(
        argument_spec={"app": {"type": "str", "required": True}, "timeout": {"type": "int", "default": 120}},
        supports_check_mode=True,
    )
    try:
        supervisor = Supervisor()
        programs = supervisor.programs(module.params["app"])
        if not module.check_mode:
            supervisor.remove(programs, module.params["timeout"])
    except SupervisorError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(programs), removed=programs)


if __name__ == "__main__":
    main()

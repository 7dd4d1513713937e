#!/usr/bin/python
"""Look whether names lead where an ACME authority will look for them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_names
short_description: Look whether names lead where an ACME authority will look for them
description:
  - Looks each name up and asks port 80 of every address that it has. Changes nothing.
  - The action plugin of this name does it on the controller, unless the task is delegated to a host.
options:
  names: {description: Names of sites., type: list, elements: str, required: true}
  expected: {description: Addresses or names of hosts that they may lead to., type: list, elements: str, required: true}
  path: {description: Path that is asked for., type: str, required: true}
  content: {description: "What has to be there; empty where it is enough that the port can be reached.", type: str, default: ""}
attributes:
  check_mode:
    support: full
author: Cloche
"""

RETURN = r"""
problems: {description: "C({variable, value, remedy}) for each name that could not be proved.", type: list, returned: always}
"""

from ansible.module_utils.acme_names import problems
from ansible.module_utils.basic import AnsibleModule

NAMES = {"type": "list", "elements": "str", "required": True}
SPEC = {
    "names": NAMES,
    "expected": NAMES,
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.exit_json(changed=False, problems=problems(**module.params))


if __name__ == "__main__":
    main()

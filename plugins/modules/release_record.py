#!/usr/bin/python
"""Make a release the current one of this host, and clear away what no release needs any more."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_record
short_description: Make a release the current one of this host
description:
  - Points C(current) and C(previous), forgets programs that have ended, removes old releases and their environments.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  keep: {description: Releases kept for a way back., type: int, default: 5}
author: Cloche
"""

RETURN = r"""
removed: {description: Releases removed., type: list, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import prune
from ansible.module_utils.release.supervisor import Supervisor


def record(layout: Layout, identifier: str) -> bool:
    """Point ``current`` to the release and ``previous`` to the one before; return whether that is new."""
    before = layout.current_id()
    if before == identifier:
        return False
    if before is not None:
        layout.point(layout.previous, layout.release(before))
    layout.point(layout.current, layout.release(identifier))
    return True


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "keep": {"type": "int", "default": 5},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    if module.check_mode:
        module.exit_json(changed=layout.current_id() != params["id"], removed=[])
    changed = record(layout, params["id"])
    Supervisor().forget_gone(f"{params['app']}-")
    removed = prune(layout, params["keep"])
    module.exit_json(changed=changed or bool(removed), removed=removed)


if __name__ == "__main__":
    main()

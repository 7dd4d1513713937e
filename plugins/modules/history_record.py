#!/usr/bin/python
"""Write down on this host that a verb begins here."""

from __future__ import annotations

DOCUMENTATION = r"""
module: history_record
short_description: Write down on this host that a verb begins here
description:
  - Adds a line to C(/var/log/cloche/deploys.log). The callback of the same name adds the one that tells how it ended, when
    the run is over; a run that was killed has none. Neither counts as a change of the host.
  - The action plugin of this name fills in O(entry), and is what playbooks call.
options:
  entry: {description: "The line: run, at, who, verb, what, outcome.", type: dict, required: true}
author: Cloche
"""

RETURN = r"""
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.history import add

LOG = Path("/var/log/cloche/deploys.log")


def main() -> None:
    module = AnsibleModule(argument_spec={"entry": {"type": "dict", "required": True}}, supports_check_mode=True)
    if not module.check_mode:
        add(LOG, module.params["entry"])
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()

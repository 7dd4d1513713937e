#!/usr/bin/python
"""Tell what was done to this host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: history_list
short_description: Tell what was done to this host
description:
  - Reads C(deploys.log) of the host and of each application on it. Changes nothing.
options: {}
author: Cloche
"""

RETURN = r"""
entries:
  description: >-
    C({at, who, verb, what, seconds, outcome, step, why}) for each verb, oldest first; C(outcome) is begun where nobody wrote
    how it ended, as of a run that was killed. C(app) and C(release) where it was about one.
  type: list
  returned: always
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.history import NAME, read

LOGS = Path("/var/log")


def entries(logs: Path) -> list[dict]:
    """Return what RETURN says; the line that ends a verb takes the place of the one that begins it."""
    found: list[dict] = []
    begun: dict[str, int] = {}
    names = {path.parent for path in logs.glob(f"*/{NAME}*")}
    for directory in sorted(names):
        for entry in read(directory / NAME):
            if directory.name != "cloche":
                entry = {"what": f"{directory.name} {entry.get('release', '')}".strip(), "app": directory.name, **entry}
            run = entry.get("run")
            if run in begun:
                found[begun[run]] = entry
                continue
            if run:
                begun[run] = len(found)
            found.append(entry)
    return sorted(found, key=lambda entry: entry.get("at", ""))


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.exit_json(changed=False, entries=entries(LOGS))


if __name__ == "__main__":
    main()

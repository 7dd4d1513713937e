#!/usr/bin/python
"""Take, look at or give back the right to deploy an application."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_lock
short_description: Take, look at or give back the right to deploy an application
description:
  - The action plugin of this name fills in O(owner), judges a holder that is not this run, and is what playbooks call.
options:
  app: {description: The application., type: str, required: true}
  state: {description: What is wanted., type: str, choices: [looked_at, taken, free], default: taken}
  owner: {description: "Who asks: token, who, host, boot, pid, started, verb, release, at.", type: dict, required: true}
  abandoned: {description: "Token of a holder that is known to be dead: its lock is freed first.", type: str}
author: Cloche
"""

RETURN = r"""
holder: {description: Who else holds the lock., type: dict, returned: when it is held by somebody else}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.lock import DeployLock


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["looked_at", "taken", "free"], "default": "taken"},
            "owner": {"type": "dict", "required": True},
            "abandoned": {"type": "str"},
        },
        supports_check_mode=True,
    )
    params, lock = module.params, DeployLock(module.params["app"])
    token = params["owner"]["token"]
    if params["state"] == "free" and not module.check_mode:
        module.exit_json(changed=lock.free(token))
    if params["abandoned"] and not module.check_mode:
        lock.free(params["abandoned"])
    holder = lock.take(params["owner"]) if params["state"] == "taken" and not module.check_mode else lock.holder()
    others = holder if holder and holder["token"] != token else None
    module.exit_json(changed=params["state"] == "taken" and others is None, **({"holder": others} if others else {}))


if __name__ == "__main__":
    main()

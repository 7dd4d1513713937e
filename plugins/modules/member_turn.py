#!/usr/bin/python
"""Have the services of a host do without it, or see that it is part of them again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: member_turn
short_description: Have the services of a host do without it, or see that it is part of them again
description:
  - For work on hosts one by one. Before it, others lead what this host leads and nothing waits for it; after it, the host is
    whole before the next one goes.
options:
  step:
    description: C(look) who leads, C(leave) or C(join).
    type: str
    choices: [look, leave, join]
    required: true
  services:
    description: "Of which services the host is a member, with the options of each; see module_utils/rolling."
    type: dict
    required: true
  logins: {description: "Passwords of Redis' users, C(sentinel) and C(monitor).", type: dict, default: {}}
  timeout: {description: Seconds that each wait may take., type: int, default: 120}
author: Cloche
"""

RETURN = r"""
leads: {description: Services that this host leads., type: list, returned: with look}
done: {description: "What was handed over, in words.", type: list, returned: with leave}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.redis_admin import RedisError
from ansible.module_utils.rolling.host import Host, TurnError
from ansible.module_utils.rolling.services import SERVICES

#: Who leads etcd decides who leads PostgreSQL: it goes last, and comes first.
ORDER = ("balancer", "redis", "rabbitmq", "postgres", "etcd")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "step": {"type": "str", "choices": ["look", "leave", "join"], "required": True},
            "services": {"type": "dict", "required": True},
            "logins": {"type": "dict", "default": {}, "no_log": True},
            "timeout": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    step, services = module.params["step"], module.params["services"]
    host = Host(lambda words: module.run_command(words), module.params["timeout"])
    names = [name for name in ORDER if name in services]
    leads, done = [], []
    for name in reversed(names) if step == "join" else names:
        service, options = SERVICES[name], {**services[name], **module.params["logins"]}
        try:
            if step == "look":
                leads += [name] if service.leads(host, options) else []
            elif step == "leave" and not module.check_mode:
                done += service.leave(host, options)
            elif not module.check_mode:
                service.join(host, options)
        except (TurnError, RedisError, OSError, ValueError, KeyError) as error:
            module.fail_json(msg=f"{name}: {error}")
    module.exit_json(changed=step == "leave" and bool(services), leads=leads, done=done)


if __name__ == "__main__":
    main()

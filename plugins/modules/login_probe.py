#!/usr/bin/python
"""Ask services whether they accept who should be accepted, and refuse who should be refused."""

from __future__ import annotations

DOCUMENTATION = r"""
module: login_probe
short_description: Ask services who may sign in
description:
  - Signs in once for each entry, as a client does, and tells where the answer is another than it should be. Changes
    nothing and shows no password.
options:
  logins:
    description: >-
      One entry a login: C(service) (postgres, redis, rabbitmq, http, https), C(host), C(port), C(user), C(password),
      C(place), C(which), a word for the password, and C(accepted), which is what should come of it.
    type: list
    elements: dict
    required: true
  patience: {description: Seconds to ask again while the answer is another., type: int, default: 15}
author: Cloche
"""

RETURN = r"""
faults: {description: What is not as it should be., type: list, returned: always}
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.logins import Unanswered, accepted
from ansible.module_utils.redis_admin import RedisError


def fault(login: dict) -> str:
    """Return what is wrong with the answer to a login, "" for nothing."""
    words = f"{login['service']} on port {login['port']}: {login['user']} with the {login['which']} secret"
    try:
        answer = accepted(login)
    except (OSError, Unanswered, RedisError) as error:
        return f"{words}: no answer: {error}"
    if answer == login["accepted"]:
        return ""
    return f"{words} is {'accepted' if answer else 'refused'}"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "logins": {"type": "list", "elements": "dict", "required": True},
            "patience": {"type": "int", "default": 15},
        },
        supports_check_mode=True,
    )
    logins = module.params["logins"]
    # Of the argument as a whole it would hide every word of the answer.
    module.no_log_values.update(login["password"] for login in logins)
    deadline = time.monotonic() + module.params["patience"]
    # A reload of nginx takes a moment.
    while (faults := [words for words in map(fault, logins) if words]) and time.monotonic() < deadline:
        time.sleep(1)
    module.exit_json(changed=False, faults=faults)


if __name__ == "__main__":
    main()

#!/usr/bin/python
"""Have the instances of an application follow one leader each, and Sentinels watch over that."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_replication
short_description: Have the instances of an application follow one leader each, and Sentinels watch over that
description:
  - Talks to all members from one host. Who leads is not written down anywhere but in the running instances and their
    Sentinels; this module makes no other the leader where one is followed.
options:
  prefix: {description: "What the names of an application's instances begin with; Sentinels forget others.", type: str, required: true}
  instances: {description: "Name to port. Empty: Sentinels forget all.", type: dict, required: true}
  members: {description: Addresses of the members., type: list, elements: str, required: true}
  user: {description: User of Sentinels on instances and on each other., type: str, required: true}
  password: {description: Its password., type: str, required: true}
  sentinel_port: {description: Port of Sentinels., type: int, required: true}
  authority: {description: File of the authority behind all certificates; without it there is no TLS., type: path}
  quorum: {description: How many Sentinels have to miss a leader., type: int, required: true}
  settings: {description: Settings of each watched leader., type: dict, default: {}}
  timeout: {description: Seconds to wait for who is starting or choosing., type: int, default: 30}
author: Cloche
"""

RETURN = r"""
leaders: {description: Address of the leader by instance., type: dict, returned: always}
"""

import time
from contextlib import closing
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.redis_admin import RedisAdmin, RedisError
from ansible.module_utils.redis_replication import Seen, Undecided, astray, differing, leader_of, seen, watched


class Members:
    """The members of one application's instances; ``changed`` tells whether any was told something."""

    def __init__(self, module: AnsibleModule) -> None:
        self._given, self._check = module.params, module.check_mode
        self.changed = False

    def follow(self, port: int) -> str:
        """Have an instance's members follow one; return its address. Raises Undecided, OSError, RedisError."""
        members = [self._seen(address, port) for address in self._given["members"]]
        leader = leader_of(members)
        for address in astray(members, leader):
            self._tell(address, port, "REPLICAOF", leader, str(port))
        return leader

    def watch(self, address: str, leaders: dict[str, str]) -> None:
        """Have the Sentinel at an address watch these leaders, and none of the application's else."""
        given, port = self._given, self._given["sentinel_port"]
        with closing(self._connected(address, port)) as sentinel:
            known = watched(sentinel.call("SENTINEL", "MASTERS"))
        for name in sorted(known):
            if name.startswith(given["prefix"]) and name not in leaders:
                self._tell(address, port, "SENTINEL", "REMOVE", name)
        for name, leader in leaders.items():
            wanted = given["settings"]
            if name not in known:
                at = (leader, str(given["instances"][name]), str(given["quorum"]))
                self._tell(address, port, "SENTINEL", "MONITOR", name, *at)
                wanted = {"auth-user": given["user"], "auth-pass": given["password"], **wanted}
            for setting, value in differing(wanted, known.get(name, {})).items():
                self._tell(address, port, "SENTINEL", "SET", name, setting, value)

    def _seen(self, address: str, port: int) -> Seen:
        with closing(self._connected(address, port)) as redis:
            return seen(address, redis.call("INFO", "replication"), redis.call("INFO", "keyspace"))

    def _tell(self, address: str, port: int, *words: str) -> None:
        self.changed = True
        if not self._check:
            with closing(self._connected(address, port)) as redis:
                redis.call(*words)

    def _connected(self, address: str, port: int) -> RedisAdmin:
        given = self._given
        return RedisAdmin(address, port, given["user"], given["password"], authority=given["authority"])


def patiently(timeout: float, step: Any, *arguments: Any) -> Any:
    """Repeat a step until it can be decided and everybody answers; raises the last reason once time is up."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return step(*arguments)
        except (Undecided, OSError, RedisError):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "prefix": {"type": "str", "required": True},
            "instances": {"type": "dict", "required": True},
            "members": {"type": "list", "elements": "str", "required": True},
            "user": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "sentinel_port": {"type": "int", "required": True},
            "authority": {"type": "path"},
            "quorum": {"type": "int", "required": True},
            "settings": {"type": "dict", "default": {}},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    given, leaders = module.params, {}
    members, wait = Members(module), 0 if module.check_mode else module.params["timeout"]
    try:
        for name, port in given["instances"].items():
            leaders[name] = patiently(wait, members.follow, int(port))
        for address in given["members"]:
            patiently(wait, members.watch, address, leaders)
    except (Undecided, OSError, RedisError) as error:
        if not module.check_mode:
            module.fail_json(msg=f"redis_replication: {error}")
        module.warn(f"redis_replication: {error}")
    module.exit_json(changed=members.changed, leaders=leaders)


if __name__ == "__main__":
    main()

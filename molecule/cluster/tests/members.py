"""The members of each service as they see themselves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from topology import GROUPS, inside


def _broker_is_whole(host: str) -> bool:
    """Return whether a member of the broker sees all of them."""
    try:
        told = inside(host, "rabbitmqctl", "--quiet", "--timeout", "10", "cluster_status", "--formatter", "json")
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return False
    return len(json.loads(told)["running_nodes"]) == len(GROUPS["rabbitmq"])


#: Service to whether a member of it, by its host, is one of all again.
BACK: dict[str, Callable[[str], bool]] = {"rabbitmq": _broker_is_whole}


def behaves(service: str) -> str:
    """Return the host that programs reach for a service, once all of its members are there."""
    for host in GROUPS[service]:
        assert BACK[service](host), host
    return GROUPS[service][0]

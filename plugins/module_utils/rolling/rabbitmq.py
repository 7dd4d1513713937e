"""RabbitMQ; no options."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.rolling.host import Host


def leads(host: Host, options: dict[str, Any]) -> bool:
    """Return False: each queue has a leader of its own."""
    return False


def leave(host: Host, options: dict[str, Any]) -> list[str]:
    """Wait until every queue can do without a member, then have others lead its queues and take its clients."""
    host.until(lambda: _whole(host), "all members run")
    _quorum(host)
    host.command("rabbitmq-upgrade", "--quiet", "drain")
    return ["others lead its queues"]


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until all members run, and every queue could do without one again."""
    host.until(
        lambda: host.try_command("rabbitmqctl", "--quiet", "await_startup", "--timeout", "5")[0], "it has started"
    )
    # Where it was drained and not restarted.
    host.command("rabbitmq-upgrade", "--quiet", "revive")
    host.until(lambda: _whole(host), "all members run")
    _quorum(host)


def _whole(host: Host) -> bool:
    told = json.loads(host.command("rabbitmqctl", "--quiet", "cluster_status", "--formatter", "json"))
    return sorted(told["running_nodes"]) == sorted(told["disk_nodes"])


def _quorum(host: Host) -> None:
    host.command("rabbitmq-upgrade", "--quiet", "await_online_quorum_plus_one", "--timeout", f"{host.seconds:.0f}")

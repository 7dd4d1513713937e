"""PostgreSQL under Patroni; options: ``member``, its name."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.rolling.host import Host

PATRONI = ("patronictl", "--config-file", "/etc/patroni/config.yml")
SCOPE = "main"


def members(host: Host) -> list[dict[str, Any]]:
    """Return the members as Patroni lists them: Member, Role, State, …"""
    return json.loads(host.command(*PATRONI, "list", "--format", "json"))


def leader(host: Host) -> str:
    """Return the member that leads and serves; "" for none."""
    return next((m["Member"] for m in members(host) if m["Role"] == "Leader" and m["State"] == "running"), "")


def leads(host: Host, options: dict[str, Any]) -> bool:
    """Return whether this member does."""
    return leader(host) == options["member"]


def leave(host: Host, options: dict[str, Any]) -> list[str]:
    """Let another member lead, one that has all that was committed."""
    host.until(lambda: _whole(host), "one member leads and all others follow it")
    if not leads(host, options):
        return []
    others = [member for member in members(host) if member["Member"] != options["member"]]
    # Not every member has what was committed in the last moment.
    [first, *_] = sorted(others, key=lambda member: member["Role"] != "Sync Standby")
    ends = ("--leader", options["member"], "--candidate", first["Member"])
    host.command(*PATRONI, "switchover", SCOPE, *ends, "--force")
    host.until(lambda: leader(host) == first["Member"] and _whole(host), f"{first['Member']} leads")
    return [f"{first['Member']} leads PostgreSQL"]


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until it follows whoever leads."""
    host.until(lambda: _whole(host), "one member leads and all others follow it")


def _whole(host: Host) -> bool:
    states = {(member["Role"] == "Leader", member["State"]) for member in members(host)}
    return states == {(True, "running"), (False, "streaming")}

"""etcd, asked on the host itself; no options."""

from __future__ import annotations

import json
from typing import Any

from .host import Host


def _status(host: Host) -> dict[str, Any]:
    [told] = json.loads(host.command("etcdctl", "endpoint", "status", "--write-out=json"))
    return told["Status"]


def _leader(host: Host) -> int:
    return _status(host).get("leader", 0)


def _member(host: Host) -> int:
    return _status(host)["header"]["member_id"]


def leads(host: Host, options: dict[str, Any]) -> bool:
    """Return whether this member does."""
    return _leader(host) == _member(host)


def leave(host: Host, options: dict[str, Any]) -> list[str]:
    """Let another member lead: who waits for a new leader to be chosen would not know who leads PostgreSQL."""
    if not leads(host, options):
        return []
    own = _member(host)
    found = json.loads(host.command("etcdctl", "member", "list", "--write-out=json"))["members"]
    [first, *_] = [member for member in found if member["ID"] != own]
    host.command("etcdctl", "move-leader", f"{first['ID']:x}")
    host.until(lambda: _leader(host) not in (0, own), "another member leads")
    return [f"{first['name']} leads etcd"]


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until it knows who leads."""
    host.until(lambda: _leader(host), "it knows who leads")

"""etcd, asked on the host itself; options: ``environment``, what etcdctl needs there for TLS."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.rolling.host import Host


def _etcdctl(host: Host, options: dict[str, Any], *words: str) -> str:
    given = [f"{name}={value}" for name, value in options.get("environment", {}).items()]
    return host.command(*(["env", *given] if given else []), "etcdctl", *words)


def _status(host: Host, options: dict[str, Any]) -> dict[str, Any]:
    [told] = json.loads(_etcdctl(host, options, "endpoint", "status", "--write-out=json"))
    return told["Status"]


def _leader(host: Host, options: dict[str, Any]) -> int:
    return _status(host, options).get("leader", 0)


def _member(host: Host, options: dict[str, Any]) -> int:
    return _status(host, options)["header"]["member_id"]


def leads(host: Host, options: dict[str, Any]) -> bool:
    """Return whether this member does."""
    return _leader(host, options) == _member(host, options)


def leave(host: Host, options: dict[str, Any]) -> list[str]:
    """Let another member lead: who waits for a new leader to be chosen would not know who leads PostgreSQL."""
    if not leads(host, options):
        return []
    own = _member(host, options)
    found = json.loads(_etcdctl(host, options, "member", "list", "--write-out=json"))["members"]
    [first, *_] = [member for member in found if member["ID"] != own]
    _etcdctl(host, options, "move-leader", f"{first['ID']:x}")
    host.until(lambda: _leader(host, options) not in (0, own), "another member leads")
    return [f"{first['name']} leads etcd"]


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until it knows who leads."""
    host.until(lambda: _leader(host, options), "it knows who leads")

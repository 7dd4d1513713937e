"""A group of hosts that is a cluster: its members, and how programs elsewhere reach them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any


def members(hosts: list[str], hostvars: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return `name` and `address` of each host of a group that is a cluster; of one with a single host nothing.

    Raises KeyError for a host without `address`, which preflight has asked for.
    """
    if len(hosts) < 2:
        return []
    return servers(hosts, hostvars)


def servers(hosts: list[str], hostvars: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return `name` and `address` of each host of a group. Raises KeyError as above."""
    return [
        {"name": hostvars[host]["inventory_hostname_short"], "address": hostvars[host]["address"]} for host in hosts
    ]


def balanced(found: list[dict[str, str]], name: str, port: int, check: str, **more: Any) -> list[dict[str, Any]]:
    """Return the service that HAProxy leads to these hosts, as a list of one; without hosts an empty one.

    `more` may have `check_port` and `server_port` (where programs use another), which each host gets; `login` and
    `tls`, which the service gets. A host alone is not asked whether it serves.
    """
    if not found:
        return []
    asked = {"check_port": more.pop("check_port")} if "check_port" in more else {}
    there = {"port": more.pop("server_port", port)} | asked
    kind = check if len(found) > 1 else "none"
    return [{"name": name, "port": port, "check": kind, "servers": [host | there for host in found]} | more]


def balanced_redis(
    instances: list[dict[str, Any]], found: list[dict[str, str]], password: str, tls: bool = False
) -> list[dict[str, Any]]:
    """Return a service for each of the Redis instances, which have `name` and `port`; each has a leader of its own."""
    common = {"tls": tls} | ({"login": {"user": "cloche-monitor", "password": password}} if len(found) > 1 else {})
    services = (balanced(found, instance["name"], instance["port"], "redis", **common) for instance in instances)
    return [service for several in services for service in several]


def web_behind(hosts: list[str], hostvars: Mapping[str, Any], port: int) -> list[dict[str, Any]]:
    """Return name, address, port and certificate (PEM) of the web hosts behind balancers.

    `port` is that of nginx where a host has no other. The certificate is empty where this run has not asked the host.
    """
    found = []
    for known in (hostvars[host] for host in hosts):
        shown = known.get("__nginx_host_shown") or {}
        certificate = base64.b64decode(shown.get("content") or "").decode()
        entry = {"name": known["inventory_hostname_short"], "address": known["address"], "certificate": certificate}
        found.append(entry | {"port": int(known.get("nginx_https_port") or port)})
    return found


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict:
        named = (members, servers, balanced, balanced_redis, web_behind)
        return {function.__name__: function for function in named}

"""What hosts before the web hosts need."""

from __future__ import annotations

import ipaddress
from typing import Any

from .problems import Problem, problem


def balancer_problems(facts: dict[str, Any]) -> list[Problem]:
    """Return what stands against the balancers; nothing where there is none.

    `facts`: groups (name -> hosts), and as `balancer`: address (which they share) and addresses (host -> address).
    """
    hosts, known = facts["groups"].get("balancer") or [], facts["balancer"]
    if not hosts:
        return []
    web = facts["groups"].get("web") or []
    found = _too_many(hosts) + [_both(host) for host in hosts if host in web]
    lacking = [host for host in dict.fromkeys([*hosts, *web]) if not known["addresses"].get(host)]
    remedy = "give it one in hosts.yml: balancers and web hosts reach each other there"
    found += [problem(f"host {host}", "(no address)", remedy) for host in lacking]
    return found + _shared(hosts, known)


def _too_many(hosts: list[str]) -> list[Problem]:
    if len(hosts) <= 2:
        return []
    remedy = "use one or two: one of them has the address, and a third would only wait as the second does"
    return [problem("group balancer", ", ".join(hosts), remedy)]


def _both(host: str) -> Problem:
    remedy = "nginx and the balancer would both have port 443: take it out of one of the groups balancer and web"
    return problem(f"host {host}", "balancer, web", remedy)


def _shared(hosts: list[str], known: dict[str, Any]) -> list[Problem]:
    address = known["address"]
    if not address:
        remedy = "two balancers share one that moves between them: name one of their network that no host has"
        return [problem("balancer_address", "", remedy)] if len(hosts) > 1 else []
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return [problem("balancer_address", address, "no address; give one such as 192.0.2.10, without a prefix")]
    owner = next((host for host, own in known["addresses"].items() if own == address), "")
    return [problem("balancer_address", address, f"{owner} has it; name one that no host has")] if owner else []

"""Hosts that do the same, as one box of the picture."""

from __future__ import annotations

from typing import NamedTuple

#: Columns of the picture; a host stands in the first that has one of its groups.
TIERS = (("balancer",), ("web", "worker", "beat", "flower"), ("rabbitmq", "postgres", "redis"))
KNOWN = tuple(group for tier in TIERS for group in tier)


class Stack(NamedTuple):
    """Hosts with the same groups: names in the inventory's order, groups in that of the picture, and the column."""

    hosts: tuple[str, ...]
    groups: tuple[str, ...]
    tier: int


def stacks(groups: dict[str, list[str]]) -> list[Stack]:
    """Return the boxes, column by column, in one as their groups and hosts come; without hosts of no known group."""
    hosts = dict.fromkeys(host for group in KNOWN for host in groups.get(group, []))
    of = {host: tuple(group for group in KNOWN if host in groups.get(group, [])) for host in hosts}
    same: dict[tuple[str, ...], list[str]] = {}
    for host, mine in of.items():
        same.setdefault(mine, []).append(host)
    found = [Stack(tuple(names), mine, _tier(mine)) for mine, names in same.items()]
    return sorted(found, key=lambda stack: stack.tier)


def _tier(groups: tuple[str, ...]) -> int:
    return next(number for number, tier in enumerate(TIERS) if set(tier) & set(groups))

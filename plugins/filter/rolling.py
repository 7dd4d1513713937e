"""What is away while hosts take turns, and what has to be known of them."""

from __future__ import annotations

from typing import Any

#: Group to what it means that its only host is away.
_ALONE = {
    "postgres": "the database is away",
    "rabbitmq": "no task is accepted",
    "redis": "cache and results are away",
    "web": "the sites are away",
    "worker": "tasks wait",
    "beat": "no periodic task is sent",
    "balancer": "the sites are away",
}


def absences(touched: list[str], groups: dict[str, list[str]]) -> str:
    """Return what it means that these groups' hosts go one by one, where it means anything to users."""
    found = [
        f"{group} has one host, {hosts[0]}: meanwhile {words}"
        for group, words in _ALONE.items()
        if group in touched and len(hosts := groups.get(group) or []) == 1
    ]
    if "web" in touched and len(groups.get("web") or []) > 1 and not groups.get("balancer"):
        found.append("no balancer leads browsers from a web host that is away to another")
    return "; ".join(found)


class FilterModule:
    """Offer ``absences`` to templates."""

    def filters(self) -> dict[str, Any]:
        return {"absences": absences}

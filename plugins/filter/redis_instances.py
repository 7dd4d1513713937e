"""The Redis instances of applications."""

from __future__ import annotations

from typing import Any


def redis_instances(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return `name`, as their units have it, and `port` of each instance of complete definitions that have any."""
    found = []
    for app in (app for app in apps if app["secrets"].get("redis")):
        own = [{"name": name, "port": app["redis"][name]["port"]} for name in ("cache", "state")]
        for instance in [*own, *app["redis"]["further"]]:
            found.append({"name": f"{app['name']}-{instance['name']}", "port": instance["port"]})
    return found


class FilterModule:
    """Offer ``redis_instances`` to templates."""

    def filters(self) -> dict[str, Any]:
        return {"redis_instances": redis_instances}

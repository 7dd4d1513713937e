"""What a host has that neither a release nor the inventory brings back."""

from __future__ import annotations

from typing import Any

DEFINITIONS = "/var/lib/cloche/backup/definitions"


def of(applications: list[dict[str, Any]], groups: list[str]) -> list[dict[str, str]]:
    """Return ``{kind, name, path}`` of each source on a host of these groups.

    An instance of Redis that evicts holds nothing that must come back.
    """
    found = []
    if {"web", "worker"} & set(groups):
        found += [_source("media", app["name"], f"/srv/{app['name']}/shared") for app in applications]
    if "redis" in groups:
        for app in (app for app in applications if app["secrets"].get("redis")):
            names = ["state", *(i["name"] for i in app["redis"]["further"] if not i.get("evict"))]
            instances = [f"{app['name']}-{name}" for name in names]
            found += [_source("redis", instance, f"/var/lib/redis/{instance}") for instance in instances]
    if "rabbitmq" in groups:
        found.append(_source("rabbitmq", "definitions", DEFINITIONS))
    return found


def _source(kind: str, name: str, path: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "path": path}

"""Sample definitions that tests spoil, and the filters under test."""

from __future__ import annotations

from typing import Any

from conftest import DATA, load, plugin

filters = plugin("filter/applications")

DELETE = object()
SECRETS = {name: f"{name}-Zq7!kW2vXe9r{index}" for index, name in enumerate(("database", "broker", "redis", "django"))}


def garden(**changes: Any) -> dict[str, Any]:
    """Return the sample definition with keys changed; a dotted path as `app_web__timeout`."""
    definition = load(DATA / "garden.yml") | {"app_secrets": dict(SECRETS)}
    definition["app_secret_environment"] = {"SENTRY_DSN": "https://1a2b3c4d@sentry.invalid/7"}
    for path, value in changes.items():
        *parents, key = path.split("__")
        holder = definition
        for parent in parents:
            holder = holder[int(parent)] if parent.isdigit() else holder.setdefault(parent, {})
        if value is DELETE:
            del holder[key]
        else:
            holder[key] = value
    return definition


def orchard(**changes: Any) -> dict[str, Any]:
    """Return a second application that shares nothing with the first one."""
    other = {"app_name": "orchard", "app_source": {"path": "orchard"}, "app_domains": ["orchard.test"]}
    redis = {"cache": {"port": 6390}, "state": {"port": 6391}}
    own = {name: f"Orch4rd{value}" for name, value in SECRETS.items()}
    database = {"connection_limit": 30}
    return garden() | other | {"app_redis": redis, "app_secrets": own, "app_database": database} | changes


def found(definition: dict[str, Any], facts: dict[str, Any], **others: dict[str, Any]) -> list[tuple[str, str, str]]:
    problems = filters.application_problems({"garden": definition, **others}, facts)
    return [(p["variable"].removeprefix("apps/garden.yml "), p["value"], p["remedy"]) for p in problems]


def worker(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "all", "queues": ["default", "slow", "mail"], **changes}]

"""What must hold for ``app_environment_map``: its templates name what this application has."""

from __future__ import annotations

from typing import Any

from .facts import OF_RELEASE, InvalidTemplate, fields
from .problems import Problem, problem


def mapping_rules(app: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the templates of a complete definition."""
    found = []
    for name, template in app["environment_map"].items():
        variable = f"app_environment_map.{name}"
        if name in app["secret_environment"] or name in app["environment"]:
            found.append(problem(variable, template, "also in another environment of this file: keep only one of them"))
            continue
        try:
            named = fields(str(template))
        except InvalidTemplate as error:
            found.append(problem(variable, template, str(error)))
            continue
        if not named:
            remedy = "names nothing that the kit wires, as {database.host} does; a fixed value goes to app_environment"
            found.append(problem(variable, template, remedy))
        if len({part == OF_RELEASE for part, _ in named}) > 1:
            remedy = (
                f"{OF_RELEASE} belongs to a release and the others to the application: one template can't hold both"
            )
            found.append(problem(variable, template, remedy))
        missing = {part: needs for part, _ in named if (needs := _lacking(app, part))}
        found += [problem(variable, template, f"without {needs} there is no {part}") for part, needs in missing.items()]
        instances = {fact.partition(".")[0] for part, fact in named if part == "redis"}
        for instance in sorted(instances - {entry["name"] for entry in app["redis"]["further"]}):
            found.append(problem(variable, template, f"no instance of app_redis.further is named {instance}"))
    return found


def _lacking(app: dict[str, Any], part: str) -> str | None:
    """Return the key without which an application has no such part; None where it has it."""
    secret = "app_secrets.redis" if app["broker"] == "redis" else "app_secrets.broker"
    needs = {
        "database": ("app_secrets.database", app["secrets"].get("database")),
        "broker": (secret, app["secrets"].get(secret.rpartition(".")[2])),
        "results": ("app_celery", app["celery"]),
        "cache": ("app_secrets.redis", app["secrets"].get("redis")),
        "state": ("app_secrets.redis", app["secrets"].get("redis")),
        "redis": ("app_secrets.redis", app["secrets"].get("redis")),
        "django": ("app_secrets.django", app["secrets"].get("django")),
    }
    key, value = needs.get(part, ("", True))
    return key if value is None else None

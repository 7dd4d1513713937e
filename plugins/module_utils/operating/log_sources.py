"""Which logs an environment's hosts have, by program, and which of them were asked for."""

from __future__ import annotations

import fnmatch
import re
import time
from datetime import UTC, datetime
from typing import Any

from .environment import APPLICATION_GROUPS, OperatingError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def sources(groups: list[str], applications: dict[str, dict[str, Any]], app: str = "") -> list[dict[str, str]]:
    """Return ``{glob, program, only}`` for a host of these groups; a ``*`` in a program is the file's name.

    ``app``: of one application alone; of a server's logs then the lines (``only``) that are about it.
    """
    chosen = [app] if app else list(applications)
    found = []
    names = "|".join(_host_pattern(domain) for domain in applications[app].get("domains", [])) if app else ""
    if "balancer" in groups:
        only = rf" host=({names or '(?!)'}) " if app else None
        found.append(_source("/var/log/balancer/access.log", "balancer", only))
    if "web" in groups:
        # A site without a name of its own has no line of its own either.
        lines = {"access": rf" host=({names or '(?!)'}) ", "error": rf'host: "({names or "(?!)"})[:"]'} if app else {}
        found += [
            _source(f"/var/log/nginx/{kind}.log", f"nginx-{kind}", lines.get(kind)) for kind in ("access", "error")
        ]
    if "postgres" in groups:
        found.append(_source("/var/log/postgresql/*.log", "postgres", f" {app}@{app} " if app else None))
    if "rabbitmq" in groups:
        found.append(_source("/var/log/rabbitmq/rabbit.out", "rabbitmq", rf"\b{app}\b" if app else None))
    if "redis" in groups:
        glob = f"/var/log/redis/redis-server-{app}-*.log" if app else "/var/log/redis/*.log"
        found.append(_source(glob, "*"))
    if set(groups) & set(APPLICATION_GROUPS):
        found.append(_source("/var/log/supervisor/supervisord.log", "supervisord", rf"\b{app}-" if app else None))
        found += [_source(f"/var/log/{name}/deploys.log", f"{name}-deploys") for name in chosen]
        found += [_source(f"/var/log/{name}/{kind}*.log", "*") for name in chosen for kind in (f"{name}-", "schedule-")]
    return found


def _source(glob: str, program: str, only: str | None = None) -> dict[str, str]:
    return {"glob": glob, "program": program, **({"only": only} if only else {})}


def _host_pattern(domain: str) -> str:
    return r"[^ \":]*" + re.escape(domain[1:]) if domain.startswith("*") else re.escape(domain)


def program_pattern(asked: str) -> str:
    """Return the regular expression of PROGRAM: words of a program's name, as worker or shop-web, or with a ``*``."""
    if not asked:
        return ""
    alternatives = []
    for name in asked.split(","):
        if "*" in name or "?" in name:
            alternatives.append("^" + fnmatch.translate(name))
        else:
            alternatives.append(rf"(^|-){re.escape(name)}(-|$)")
    return "|".join(alternatives)


def since(asked: str, now: float) -> float:
    """Return the time that SINCE names: 90s, 10m, 2h, 3d ago, a clock (today, UTC) or a date with one.

    Raises OperatingError for what is none of them.
    """
    if match := re.fullmatch(r"(\d+)([smhd])", asked):
        return now - int(match[1]) * _UNITS[match[2]]
    text = asked if "-" in asked else f"{time.strftime('%Y-%m-%d', time.gmtime(now))} {asked}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OperatingError(
            f"SINCE is '{asked}': say 90s, 10m, 2h or 3d, a clock as 14:05, or '2026-01-31 14:05'"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()

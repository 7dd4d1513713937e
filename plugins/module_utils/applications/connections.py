"""Connections to PostgreSQL: what an application may need, and whether the server has as many as all may open."""

from __future__ import annotations

from typing import Any

from .problems import Problem, problem

#: Consoles, hooks and migrations beside what runs.
_SPARE = 5
#: Of Celery's pools, those whose workers share one process.
_THREADED = frozenset({"threads", "gevent", "eventlet"})
#: Django's views run in threads beside the loop, and how many is nobody's setting.
_ASGI_THREADS = 5


def needed(app: dict[str, Any], hosts: dict[str, int]) -> tuple[int, int]:
    """Return how many connections a complete definition opens at least and at most when all of it works.

    ``hosts`` is group to number of hosts. Each process and thread that works holds one, a worker's first process as
    well. The second figure, in tens, has room for a release that hands over to the next: then there are twice as many,
    but for threads of workers, which keep none between tasks.
    """
    workers, threads = hosts.get("worker", 1), 0
    held = int(app["beat"] is not None)
    for worker in app["workers"]:
        held += workers * (1 if worker["pool"] in _THREADED else worker["concurrency"] + 1)
        threads += workers * worker["concurrency"] if worker["pool"] in _THREADED else 0
    held += sum(hosts.get(process["group"], 1) * process["count"] for process in app["processes"])
    if app["wsgi"] or app["asgi"]:
        each = _ASGI_THREADS if app["asgi"] else app["web"]["threads"]
        held += hosts.get("web", 1) * app["web"]["workers"] * each
    return held + threads, -(-(2 * held + threads + _SPARE) // 10) * 10


def fitted(app: dict[str, Any], hosts: dict[str, int], free: int) -> int:
    """Return the limit for an application where ``free`` connections are left: all of them if that is just enough."""
    least, most = needed(app, hosts)
    return free if least + _SPARE <= free < most else most


def left(apps: dict[str, dict[str, Any]], facts: dict[str, Any]) -> int:
    """Return how many of the server's connections no application may open."""
    return facts["max_connections"] - facts["reserved_connections"] - sum(limits(apps).values())


def limits(apps: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Return the limit of each application that has a database; ``apps`` are complete definitions."""
    with_one = {where: app for where, app in apps.items() if app["secrets"].get("database") is not None}
    return {where: app["database"]["connection_limit"] for where, app in with_one.items()}


def connection_problems(apps: dict[str, dict[str, Any]], facts: dict[str, Any]) -> list[Problem]:
    """Return whether all applications together (place -> complete definition) may open more than the server has.

    Without hosts for PostgreSQL there is nothing to compare with, and another rule says so.
    """
    found = limits(apps)
    total, most, reserved = sum(found.values()), facts["max_connections"], facts["reserved_connections"]
    if left(apps, facts) >= 0 or not facts["groups"].get("postgres"):
        return []
    named = ", ".join(f"{apps[where]['name']} {limit}" for where, limit in found.items())
    remedy = (
        f"the connection_limit of all applications ({named}) and {reserved} for operators make {total + reserved};"
        " raise it, or lower app_database.connection_limit"
    )
    return [problem("postgres_max_connections", most, remedy)]

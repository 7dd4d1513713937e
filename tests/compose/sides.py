"""The two sides that are compared: a host of the roles, and a project of compose."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from readers import Runner, Side

SERVICES = ("db", "redis", "redis_cache", "rabbitmq", "nginx", "web")


def in_container(container: str) -> Runner:
    """Return a runner of commands in a container, as its own user."""

    def run(command: Sequence[str]) -> str:
        done = subprocess.run(
            ["docker", "exec", container, *command], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{container}: {command[0]} ended with {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    return run


def host_side(container: str, application: str = "garden") -> Side:
    """Return a host of the roles that has everything."""
    files = {
        "redis": f"/etc/redis/redis-{application}-state.conf",
        "redis_cache": f"/etc/redis/redis-{application}-cache.conf",
    }
    home = f"/srv/{application}/current"
    return Side(
        dict.fromkeys(SERVICES, in_container(container)), files, application,
        python=(f"{home}/run", "python"), gunicorn=f"{home}/gunicorn.conf.py",
    )  # fmt: skip


def compose_side(project: str, application: str = "garden") -> Side:
    """Return a compose project, the first container of each service."""
    files = dict.fromkeys(("redis", "redis_cache"), "/run/redis/redis.conf")
    return Side(
        {name: in_container(f"{project}-{name}-1") for name in SERVICES}, files, application,
        gunicorn="/usr/local/lib/cloche/django/gunicorn.conf.py",
    )  # fmt: skip

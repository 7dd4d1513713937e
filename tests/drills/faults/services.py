"""What happens to Redis and PostgreSQL."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.host import APP, Host

LASTS = 60  # seconds


def redis_down() -> Fault:
    """Stop both instances: cache and state."""
    units = f"redis-server@{APP}-cache redis-server@{APP}-state"
    return Fault(
        "redis-down", f"Redis down for {LASTS} s",
        lambda host: _systemctl(host, f"stop {units}"), lambda host: _systemctl(host, f"start {units}"),
        hold=LASTS, limits=Limits(accepted_after=10, caught_up_after=30),
    )  # fmt: skip


def postmaster_killed() -> Fault:
    """Kill PostgreSQL's first process; systemd starts it again."""

    def inject(host: Host) -> None:
        host.shell("kill -9 $(head -n 1 /var/lib/postgresql/*/main/postmaster.pid)")

    return Fault(
        "postmaster-killed", "kill -9 PostgreSQL's postmaster", inject,
        limits=Limits(duplicated=3, accepted_after=30, caught_up_after=60),
    )  # fmt: skip


def _systemctl(host: Host, words: str) -> None:
    host.shell(f"systemctl {words}", timeout=120)

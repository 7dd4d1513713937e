"""What happens to Redis and PostgreSQL."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.faults.workers import IN_FLIGHT
from drills.machine import APP
from drills.stack import Stack

LASTS = 60  # seconds


class RedisDown(Fault):
    """Both instances: cache and state."""

    title = f"Redis down for {LASTS} s"
    hold = LASTS
    limits = Limits(accepted_after=10, caught_up_after=30)
    units = f"redis-server@{APP}-cache redis-server@{APP}-state"

    def inject(self, stack: Stack) -> None:
        """Stop them."""
        stack.one("redis").shell(f"systemctl stop {self.units}")

    def heal(self, stack: Stack) -> None:
        """Start them."""
        stack.one("redis").shell(f"systemctl start {self.units}")


class PostmasterKilled(Fault):
    """PostgreSQL's first process; systemd starts it again."""

    title = "kill -9 of PostgreSQL's postmaster"
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=30)
    short = True

    def inject(self, stack: Stack) -> None:
        """Kill it."""
        stack.one("postgres").shell("kill -9 $(head -n 1 /var/lib/postgresql/*/main/postmaster.pid)")


FAULTS = [RedisDown, PostmasterKilled]

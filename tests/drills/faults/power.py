"""What happens when whole hosts are gone at once."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.faults.workers import IN_FLIGHT
from drills.stack import Stack


class PowerCut(Fault):
    """Every host is killed as a loss of power does, and started again."""

    title = "power cut: every host killed at once, then started"
    hold = 3
    anywhere = True
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=120, caught_up_after=120)

    def inject(self, stack: Stack) -> None:
        """Kill them."""
        for machine in stack.machines():
            machine.engine("kill")

    def heal(self, stack: Stack) -> None:
        """Start them."""
        for machine in stack.machines():
            machine.engine("start")

    def check(self, stack: Stack) -> list[str]:
        """Every program runs again."""
        return [] if stack.is_whole() else ["not every program runs"]


FAULTS = [PowerCut]

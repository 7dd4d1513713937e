"""What happens when a host of several is gone, hangs or is cut off: others do its work, and it comes back."""

from __future__ import annotations

import time

from polling import until

from drills.fault import Fault, Limits
from drills.faults.workers import HEARTBEAT, IN_FLIGHT
from drills.machine import Machine
from drills.stack import Stack

#: Seconds until a host that was lost is part of everything again, once it is back.
BACK = 120


class LostHost(Fault):
    """A host fails at the fault's begin and is back ``away`` seconds later; figures of time are from its failure."""

    group: str
    away: float = 30

    def victim(self, stack: Stack) -> Machine:
        """Return the host that it happens to."""
        return stack.one(self.group)

    def begin(self, machine: Machine) -> None:
        """Make it fail: as by a loss of power, unless the fault says otherwise."""
        machine.engine("kill")

    def end(self, machine: Machine) -> None:
        """Let it come back."""
        machine.engine("start")

    def whole(self, stack: Stack) -> bool:
        """Return whether it is part of its service again."""
        return stack.is_whole()

    def inject(self, stack: Stack) -> None:
        """Find whom it happens to, and let it."""
        self.machine, self.gone = self.victim(stack), True
        self.failed = time.monotonic()
        self.begin(self.machine)

    def due(self, stack: Stack) -> None:
        """Let it come back in its time."""
        if self.gone and time.monotonic() - self.failed >= self.away:
            self._back()

    def settled(self, stack: Stack) -> bool:
        """Whether it is back."""
        return not self.gone

    def check(self, stack: Stack) -> list[str]:
        """It is part of everything again, unaided."""
        if self.gone:
            self._back()
        try:
            until(lambda: self.whole(stack), bool, BACK)
        except AssertionError:
            return [f"{self.machine.name} was not part of it again within {BACK} s"]
        return []

    def _back(self) -> None:
        self.end(self.machine)
        self.gone = False


class Paused(LostHost):
    """A host hangs: nothing on it runs, and no connection is ended."""

    away = 60

    def begin(self, machine: Machine) -> None:
        """Pause it."""
        machine.engine("pause")

    def end(self, machine: Machine) -> None:
        """Let it go on, not knowing that it was away."""
        machine.engine("unpause")


class WorkerHostKilled(LostHost):
    """With the tasks that it was working on."""

    title = "a whole worker host killed"
    group = "worker"
    needs = {"worker": 2}
    limits = Limits(duplicated=IN_FLIGHT, refusals=False, caught_up_after=2 * HEARTBEAT)


class WebHostKilled(LostHost):
    """With the requests that it was answering."""

    title = "a web host killed"
    group = "web"
    needs = {"web": 2, "balancer": 1}
    #: Entries posted in the seconds until it is left out are refused at most.
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=10, caught_up_after=20)


class BalancerKilled(LostHost):
    """The one that has the address."""

    title = "the balancer with the address killed"
    needs = {"balancer": 2}
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=5, caught_up_after=20)

    def victim(self, stack: Stack) -> Machine:
        """Return the one that has it."""
        shown = {machine: machine.shell("ip -oneline address") for machine in stack.all("balancer")}
        [holder] = [machine for machine, text in shown.items() if f" {stack.address}/" in text]
        return holder


FAULTS = [WorkerHostKilled, WebHostKilled, BalancerKilled]

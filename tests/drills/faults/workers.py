"""What happens to workers whose processes die."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.ledger import Run
from drills.stack import Stack

HEARTBEAT = 20  # seconds
#: Tasks that a host's workers run at once: the default one two, the slow one one.
IN_FLIGHT = 3
#: Seconds that a task takes which is under way when its process is killed.
LONG = 12


class _Killed(Fault):
    """A process that has to do with a task under way is killed; the task runs again."""

    limits = Limits(duplicated=IN_FLIGHT, refusals=False)

    def prepare(self, stack: Stack) -> None:
        """Have a long task run."""
        self.prefix = stack.ledger.accept(1, seconds=LONG)
        [self.run] = stack.ledger.until_running(self.prefix, 1)

    def settled(self, stack: Stack) -> bool:
        """Whether it has run again."""
        return "completed" in {run.outcome for run in self._runs(stack)}

    def check(self, stack: Stack) -> list[str]:
        """It began again in time, and was completed once."""
        outcomes = [run.outcome for run in self._runs(stack)]
        if outcomes != ["running", "completed"]:
            return [f"the task whose process was killed ended as {outcomes}"]
        self.own_after = self._runs(stack)[1].began - self.killed
        bound = 2 * HEARTBEAT
        return [] if self.own_after <= bound else [f"{self.own_after:.0f} s until it ran again, at most {bound} s"]

    def _runs(self, stack: Stack) -> list[Run]:
        return stack.ledger.runs(self.prefix)


class PoolChildKilled(_Killed):
    """The process that runs a task."""

    title = "kill -9 of a pool process that runs a task"

    def prepare(self, stack: Stack) -> None:
        """Find it."""
        super().prepare(stack)
        self.pid = stack.active()[self.run.task]

    def inject(self, stack: Stack) -> None:
        """Kill it."""
        stack.one("worker").shell(f"kill -9 {self.pid}")
        self.killed = time.time()


class WorkerKilled(_Killed):
    """The process that hands tasks to its pool."""

    title = "kill -9 of a worker's main process"
    short = True

    def inject(self, stack: Stack) -> None:
        """Kill it."""
        machine = stack.one("worker")
        [pid] = machine.programs("worker-default").values()
        machine.shell(f"kill -9 {pid}")
        self.killed = time.time()


FAULTS = [PoolChildKilled, WorkerKilled]

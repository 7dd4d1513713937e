"""What happens to a task that kills whoever runs it."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.stack import Stack

#: What the kit's policy says: a message is handed out so often after the first time.
DELIVERY_LIMIT = 5
PATIENCE = 150  # seconds


class PoisonTask(Fault):
    """Every process that runs one certain task is killed, until nobody is given it any more."""

    title = "a poison task: whatever runs it is killed"
    # Its neighbours are not affected at all.
    limits = Limits(duplicated=0, refusals=False)

    def prepare(self, stack: Stack) -> None:
        """Count the dead letters."""
        self.before = stack.queues()["dead-letter"]

    def inject(self, stack: Stack) -> None:
        """Kill process after process."""
        self.prefix = stack.ledger.accept(1, seconds=20)
        killed: set[int] = set()
        deadline = time.monotonic() + PATIENCE
        while stack.queues()["dead-letter"] == self.before and time.monotonic() < deadline:
            mine = {run.task for run in stack.ledger.runs(self.prefix)}
            for pid in {pid for task, pid in stack.active().items() if task in mine} - killed:
                stack.one("worker").try_shell(f"kill -9 {pid}")
                killed.add(pid)

    def check(self, stack: Stack) -> list[str]:
        """It ran as often as it may, and lies where somebody can look at it."""
        runs, found = len(stack.ledger.runs(self.prefix)), []
        if (more := stack.queues()["dead-letter"] - self.before) != 1:
            found.append(f"{more} messages more among the dead letters, not 1")
        if not 1 < runs <= DELIVERY_LIMIT + 1:
            found.append(f"it ran {runs} times, at most {DELIVERY_LIMIT + 1}")
        return found


FAULTS = [PoisonTask]

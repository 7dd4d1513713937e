"""What happens to who watches over the processes."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.faults.workers import IN_FLIGHT
from drills.machine import APP, Machine
from drills.stack import Stack

#: Seconds of the tasks that are under way when a restart comes.
LONG = 30


class _Restarted(Fault):
    """Something is restarted while long tasks run: each of them runs once, to its end."""

    def prepare(self, stack: Stack) -> None:
        """Have long tasks run: all that the default worker can run at once."""
        self.prefix = stack.ledger.accept(2, seconds=LONG)
        stack.ledger.until_running(self.prefix, 2)

    def check(self, stack: Stack) -> list[str]:
        """They ran once."""
        return stack.ledger.each_once(self.prefix, 2, f"tasks of {LONG} s")


class WorkersRestarted(_Restarted):
    """All workers."""

    title = f"supervisorctl restart of all workers while tasks of {LONG} s run"
    limits = Limits(refusals=False)

    def inject(self, stack: Stack) -> None:
        """Restart them."""
        machine = stack.one("worker")
        machine.shell(f"supervisorctl restart {' '.join(machine.programs('worker'))}", timeout=240)


class SupervisorRestarted(_Restarted):
    """Supervisor, with all that it has started."""

    title = f"systemctl restart supervisor while tasks of {LONG} s run"
    limits = Limits(accepted_after=30)

    def inject(self, stack: Stack) -> None:
        """Restart it."""
        stack.one("worker").shell("systemctl restart supervisor", timeout=240)


class SupervisordKilled(Fault):
    """What supervisord has started must not run on beside what its successor starts."""

    title = "kill -9 of supervisord"
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=30)
    short = True

    def prepare(self, stack: Stack) -> None:
        """Count what runs."""
        self.before, self.after = _sets(stack.one("worker")), {}

    def inject(self, stack: Stack) -> None:
        """Kill it."""
        stack.one("worker").shell("kill -9 $(systemctl show --property MainPID --value supervisor)")
        self.killed = time.monotonic()

    def due(self, stack: Stack) -> None:
        """Count again, 15 s later."""
        if time.monotonic() - self.killed >= 15 and not self.after:
            self.after = _sets(stack.one("worker"))

    def settled(self, stack: Stack) -> bool:
        """Whether that was done."""
        return bool(self.after)

    def check(self, stack: Stack) -> list[str]:
        """There is one of each."""
        if not self.after == self.before == _sets(stack.one("worker")):
            return [f"15 s later there were {self.after} instead of {self.before}"]
        return []


def _sets(machine: Machine) -> dict[str, int]:
    """Return how many main processes of each kind run as the application's user."""
    patterns = {"beat": r"\[celery beat\]", "workers": "celeryd: .*MainProcess", "web": "gunicorn: master"}
    count = "ps -u {user} -ww -o args= | grep -c -- '{pattern}' || true"
    return {kind: int(machine.shell(count.format(user=APP, pattern=p))) for kind, p in patterns.items()}


FAULTS = [WorkersRestarted, SupervisorRestarted, SupervisordKilled]

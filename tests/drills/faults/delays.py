"""Tasks that are due later: after retries, in less than a second, after everybody had gone."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.ledger import psql
from drills.stack import Stack

RETRIES = 8
#: Refuses the runs of entries with a prefix so often, as a database does that is starting: the task retries, with
#: growing delays. A sequence keeps its count when a transaction is rolled back.
_REFUSE = """
create sequence drill_tries;
create function drill_refuse() returns trigger language plpgsql security definer as $$
begin
    if (select key like '{prefix}%' from ledger_entry where id = new.entry_id) then
        if nextval('drill_tries') <= {retries} then
            raise exception 'drill: not yet' using errcode = 'cannot_connect_now';
        end if;
    end if;
    return new;
end $$;
create trigger drill_refuse before insert on ledger_run for each row execute function drill_refuse();
"""
_ALLOW = "drop trigger drill_refuse on ledger_run; drop function drill_refuse(); drop sequence drill_tries;"


class DelayedRetries(Fault):
    """A task fails eight times in a row and is delayed by the broker each time."""

    title = f"a task that is retried {RETRIES} times, with delays of up to 30 s"
    limits = Limits(refusals=False, caught_up_after=150)

    def inject(self, stack: Stack) -> None:
        """Send it: the first of its runs begins 3 s later, when it is refused."""
        self.prefix = stack.ledger.send(1, countdown=3)
        stack.one("postgres").shell(psql(), stdin=_REFUSE.format(prefix=self.prefix, retries=RETRIES))

    def settled(self, stack: Stack) -> bool:
        """Whether it was completed."""
        return bool(stack.ledger.runs(self.prefix))

    def check(self, stack: Stack) -> list[str]:
        """It was tried so often, and completed once."""
        tries = int(stack.one("postgres").shell(psql(), stdin="select last_value from drill_tries;"))
        stack.one("postgres").shell(psql(), stdin=_ALLOW)
        found = stack.ledger.each_once(self.prefix, 1, "tasks with retries")
        return found if tries == RETRIES + 1 else [*found, f"it was tried {tries} times, not {RETRIES + 1}"]


class ShortCountdown(Fault):
    """Celery's own delayed delivery raises below one second."""

    title = "tasks with a countdown of 0.5 s"
    limits = Limits(refusals=False)

    def inject(self, stack: Stack) -> None:
        """Send three."""
        self.prefix = stack.ledger.send(3, countdown=0.5)

    def settled(self, stack: Stack) -> bool:
        """Whether all were completed."""
        return len(stack.ledger.runs(self.prefix)) == 3

    def check(self, stack: Stack) -> list[str]:
        """Each ran once."""
        return stack.ledger.each_once(self.prefix, 3, "tasks with a countdown of 0.5 s")


class WorkersDownAcrossEta(Fault):
    """All workers are down when tasks fall due."""

    title = "all workers down for 20 s, tasks with a countdown of 10 s fall due meanwhile"
    limits = Limits(refusals=False, completed_after=15)

    def prepare(self, stack: Stack) -> None:
        """Stop the workers."""
        self.programs = {machine: list(machine.programs("worker")) for machine in stack.all("worker")}
        for machine, names in self.programs.items():
            machine.shell(f"supervisorctl stop {' '.join(names)}", timeout=240)

    def inject(self, stack: Stack) -> None:
        """Send tasks and let them fall due."""
        self.prefix = stack.ledger.send(3, countdown=10)
        time.sleep(20)

    def heal(self, stack: Stack) -> None:
        """Start the workers."""
        for machine, names in self.programs.items():
            machine.shell(f"supervisorctl start {' '.join(names)}", timeout=240)

    def check(self, stack: Stack) -> list[str]:
        """Each ran once."""
        return stack.ledger.each_once(self.prefix, 3, "tasks that fell due meanwhile")


FAULTS = [DelayedRetries, ShortCountdown, WorkersDownAcrossEta]

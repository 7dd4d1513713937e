"""What happens when a queue is gone."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.faults.workers import IN_FLIGHT
from drills.ledger import psql
from drills.machine import APP
from drills.stack import Stack


class QueueDeleted(Fault):
    """What is sent to a queue that is not there is refused, or lies where nothing gets lost, and somebody is told."""

    title = "a queue deleted under traffic"
    queue = "mail"
    # The worker that took from it loses its channel, with what it held; a publisher may be refused.
    limits = Limits(duplicated=IN_FLIGHT)
    #: The worker makes the queue again, with its bindings, when it has lost its channel.
    hold = 5

    def prepare(self, stack: Stack) -> None:
        """See that nothing lies there yet."""
        assert stack.queues()["unrouted"] == 0, "something lies in unrouted already"

    def inject(self, stack: Stack) -> None:
        """Delete it."""
        stack.one("rabbitmq").shell(f"rabbitmqctl --quiet delete_queue --vhost {APP} {self.queue}")
        self.gone = time.time()

    def heal(self, stack: Stack) -> None:
        """See how `make status` finds it, and do what whoever reads that would."""
        self.unrouted, self.status = stack.queues()["unrouted"], stack.status()["level"]
        stack.play("requeue", "-e", f"release_only={APP}")

    def deleted(self, stack: Stack, prefix: str) -> int:
        """Return how many it held: accepted before it was gone, and never done."""
        query = f"""select count(*) from ledger_entry e
                    where key like '{prefix}%' and confirmed_at < to_timestamp({self.gone}) and not exists
                    (select from ledger_run r where r.entry_id = e.id and r.outcome = 'completed')"""
        return int(stack.one("postgres").shell(psql(), stdin=f"{query};"))

    def check(self, stack: Stack) -> list[str]:
        """Somebody was told."""
        found = [] if self.unrouted else ["nothing lay in unrouted"]
        return found if self.status == "red" else [*found, f"make status was {self.status}"]


FAULTS = [QueueDeleted]

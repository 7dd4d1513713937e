"""What happens when a queue is gone."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.machine import APP
from drills.stack import Stack

ENTRIES = 5


class QueueDeleted(Fault):
    """What is sent to a queue that is not there is refused, or lies where nothing gets lost, and somebody is told."""

    title = "a queue deleted under traffic"
    limits = Limits(refusals=False)

    def prepare(self, stack: Stack) -> None:
        """Count what lies there."""
        self.before = stack.queues()["unrouted"]

    def inject(self, stack: Stack) -> None:
        """Delete it and send to it."""
        stack.one("rabbitmq").shell(f"rabbitmqctl --quiet delete_queue --vhost {APP} mail")
        self.prefix = stack.ledger.accept(ENTRIES, seconds=0, queue="mail")
        found = stack.status()
        queues = [queue for host in found["hosts"].values() for queue in host["queues"]]
        self.status = found["level"], {queue["name"]: queue["note"] for queue in queues if queue["level"] != "ok"}
        self.more = stack.queues()["unrouted"] - self.before

    def check(self, stack: Stack) -> list[str]:
        """Nothing that was accepted is gone."""
        done = len(stack.ledger.runs(self.prefix))
        return [f"of {ENTRIES} entries {done} ran and {self.more} lay in unrouted; status: {self.status}"]


FAULTS = [QueueDeleted]

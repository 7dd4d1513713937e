"""An ETA beyond the broker's patience with a message that nobody acknowledges."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from drills.fault import Fault, Limits
from drills.machine import Machine
from drills.stack import Stack

#: What consumer_timeout is set to meanwhile, and how often a channel looks at it; seconds.
PATIENCE, TICK = 20, 5
ETA = 60
#: Holds a message and acknowledges nothing; prints after how many seconds its channel was closed.
_HOLD = f"""
import time, socket
from kombu import Connection, Queue
from config.celery import app
with Connection(app.conf.broker_url, heartbeat=0) as link:
    channel = link.channel()
    queue = Queue("drill-patience", queue_arguments={{"x-queue-type": "quorum"}}, channel=channel)
    queue.declare()
    link.Producer().publish({{}}, routing_key="drill-patience")
    queue.consume(callback=lambda message: None)
    begun = time.monotonic()
    try:
        while time.monotonic() - begun < {ETA}:
            try:
                link.drain_events(timeout=1)
            except socket.timeout:
                pass
        print("never")
    except Exception as error:
        print(round(time.monotonic() - begun), type(error).__name__)
    link.channel().queue_delete("drill-patience")
"""


class EtaBeyondPatience(Fault):
    """A task is due after more time than a message may stay unacknowledged."""

    title = f"an ETA of {ETA} s where RabbitMQ's consumer_timeout is {PATIENCE} s"
    limits = Limits(refusals=False)

    def prepare(self, stack: Stack) -> None:
        """Lower the timeout, for channels that are opened from now on, and let the workers open theirs again."""
        broker = stack.one("rabbitmq")
        self.usual = {name: _get(broker, name) for name in ("consumer_timeout", "channel_tick_interval")}
        _set(broker, {"consumer_timeout": PATIENCE * 1000, "channel_tick_interval": TICK * 1000})
        _restart_workers(stack)

    def inject(self, stack: Stack) -> None:
        """Send tasks; meanwhile see what becomes of a message that somebody does keep so long."""
        due = datetime.now(UTC) + timedelta(seconds=ETA)
        self.prefix = stack.ledger.send(3, eta=due.isoformat())
        self.held = stack.one("worker").release("python -", stdin=_HOLD, timeout=2 * ETA).strip()
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))

    def heal(self, stack: Stack) -> None:
        """Set the timeout back."""
        _set(stack.one("rabbitmq"), self.usual)

    def settled(self, stack: Stack) -> bool:
        """Whether all were completed."""
        return len(stack.ledger.runs(self.prefix)) == 3

    def check(self, stack: Stack) -> list[str]:
        """Each ran once, and the timeout was in force."""
        _restart_workers(stack)
        found = stack.ledger.each_once(self.prefix, 3, f"tasks with an ETA of {ETA} s")
        lost = self.held == "never" or not PATIENCE <= int(self.held.split()[0]) < ETA
        return [*found, f"a message that was kept lost its channel after: {self.held} s"] if lost else found


def _restart_workers(stack: Stack) -> None:
    for machine in stack.all("worker"):
        machine.shell(f"supervisorctl restart {' '.join(machine.programs('worker'))}", timeout=240)


def _get(broker: Machine, name: str) -> int:
    said = broker.shell(f"rabbitmqctl --quiet eval '{{ok, T}} = application:get_env(rabbit, {name}), T.'")
    return int(said)


def _set(broker: Machine, values: dict[str, int]) -> None:
    for name, value in values.items():
        broker.shell(f"rabbitmqctl --quiet eval 'application:set_env(rabbit, {name}, {value}).'")


FAULTS = [EtaBeyondPatience]

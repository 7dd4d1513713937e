"""Events of the workers: heartbeats, and what becomes of tasks, for whoever watches."""

from typing import Any

import amqp
from celery.app import events
from celery.events.dispatcher import EventDispatcher


class Dispatcher(EventDispatcher):
    """Sends events and waits for no confirmation.

    An event that is lost matters to nobody. But it is sent by the process that takes tasks from the queues: while the
    broker has an alarm (memory, disk) it would wait for the first event's confirmation and take no task meanwhile,
    although taking them is what ends the alarm.
    """

    def enable(self) -> None:
        """Begin to send."""
        super().enable()
        producer: Any = self.producer  # type: ignore[attr-defined]
        channel = producer.channel
        if isinstance(channel, amqp.Channel):
            # What it is without confirmations.
            plain: Any = channel
            plain.basic_publish = plain._basic_publish


class Events(events.Events):
    """Celery's events with this dispatcher."""

    dispatcher_cls = "core.events:Dispatcher"

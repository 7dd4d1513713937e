"""What must exist on RabbitMQ before anything is published."""

from typing import Any

from cloche_agent.celery_app import connected, is_amqp
from cloche_agent.output import step


def describe(app: Any) -> dict[str, Any]:
    """Return what ``declare`` would declare, and on which broker; equal for two releases that need the same of it."""
    with step("topology"):
        queues = {queue.name: queue.as_dict(recurse=True) for queue in _queues(app)} if is_amqp(app) else {}
        broker = app.connection_for_write().as_uri()
    return {"broker": broker, "queues": queues, "delayed": bool(queues) and _is_delayed(app)}


def declare(app: Any) -> list[str]:
    """Declare the application's queues with exchanges and bindings, and delayed delivery; return the queues' names.

    A countdown that is published before any worker ran would fail for want of the delayed exchange, and a worker that
    starts on some of the queues only would leave delayed delivery off. Nothing to do for other brokers.
    """
    with step("declare"):
        if not is_amqp(app):
            return []
        queues = _queues(app)
        with connected(app) as connection:
            with connection.channel() as channel:
                for queue in queues:
                    queue(channel).declare()
            if _is_delayed(app):
                _declare_delays(app, connection, queues)
    return [queue.name for queue in queues]


def _queues(app: Any) -> list[Any]:
    from kombu.common import Broadcast

    # A broadcast's queue is each worker's own.
    return [queue for queue in app.amqp.queues.values() if not isinstance(queue, Broadcast)]


def _is_delayed(app: Any) -> bool:
    """Whether workers would use native delayed delivery, by the same rule as theirs (since Celery 5.5)."""
    try:
        from celery.utils.quorum_queues import detect_quorum_queues
    except ImportError:
        return False
    return detect_quorum_queues(app, "amqp")[0]


def _declare_delays(app: Any, connection: Any, queues: list[Any]) -> None:
    from kombu.transport.native_delayed_delivery import (
        bind_queue_to_native_delayed_delivery_exchange,
        declare_native_delayed_delivery_exchanges_and_queues,
    )

    declare_native_delayed_delivery_exchanges_and_queues(connection, app.conf.broker_native_delayed_delivery_queue_type)
    for queue in queues:
        bind_queue_to_native_delayed_delivery_exchange(connection, queue)

"""What the broker says about its queues and itself, to the application's own user."""

from typing import Any

from celery import current_app
from kombu import Connection

from config.celery_settings import is_amqp
from config.queues import QUEUES
from core import publishing

#: Where the deployment has them, they hold what failed for good and what no queue takes.
SAFETY_QUEUES = ("dead-letter", "unrouted")


def queues() -> dict[str, Any]:
    """Return ``{"queues": [{"name", "ready", "consumers"}], "unacknowledged": count or None}``.

    ready: messages that wait; None for one of our queues that does not exist. consumers: None where the broker
    can't tell. unacknowledged: of all queues together, which only Redis tells: RabbitMQ keeps that figure for users
    of its management API, and the application's user is none. Raises NotConfirmed within some seconds.
    """
    with publishing.confirmed() as link:
        if is_amqp(current_app.conf.broker_write_url):
            return {"queues": _amqp_queues(link), "unacknowledged": None}
        channel: Any = link.default_channel
        ready = [{"name": name, "ready": channel.client.llen(name), "consumers": None} for name in QUEUES]
        return {"queues": ready, "unacknowledged": channel.client.hlen(channel.unacked_key)}


def _amqp_queues(link: Connection) -> list[dict[str, Any]]:
    found = []
    for name in (*QUEUES, *SAFETY_QUEUES):
        # A channel each: asking for a queue that does not exist closes it.
        channel: Any = link.channel()
        try:
            answer = channel.queue_declare(name, passive=True)
            found.append({"name": name, "ready": answer.message_count, "consumers": answer.consumer_count})
        except link.channel_errors:
            if name in QUEUES:
                found.append({"name": name, "ready": None, "consumers": None})
        finally:
            channel.close()
    return found


def server() -> str:
    """Return the broker's name and version. Raises NotConfirmed within some seconds."""
    with publishing.confirmed() as link:
        if is_amqp(current_app.conf.broker_write_url):
            properties = link.connection.server_properties
            return f"{properties.get('product', 'AMQP broker')} {properties.get('version', '')}".strip()
        channel: Any = link.default_channel
        # INFO would tell too; the application's user may not ask for that.
        hello = channel.client.execute_command("HELLO")
        return f"Redis {_field(hello, 'version')}"


def _field(hello: Any, name: str) -> str:
    """Return one field of HELLO's answer: a map, or in the older protocol a flat list of names and values."""
    fields = hello if isinstance(hello, dict) else dict(zip(hello[::2], hello[1::2], strict=True))
    texts = {_text(key): _text(value) for key, value in fields.items()}
    return texts.get(name, "")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)

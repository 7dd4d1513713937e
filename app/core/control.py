"""Commands to the workers from a web process: sent once, or refused within a few seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from celery.app.control import Control
from kombu import Producer
from kombu.pidbox import Mailbox

from core import publishing


class _OneTry(Producer):
    """The mailbox asks its producer to repeat for ever; a page would hang as long as the broker does."""

    def publish(self, *args: Any, **options: Any) -> Any:
        return super().publish(*args, **{**options, "retry": False})


class _BoundedMailbox(Mailbox):
    @contextmanager
    def producer_or_acquire(self, producer: Any = None, channel: Any = None) -> Iterator[Producer]:
        yield _OneTry(channel, auto_declare=False)


class _BoundedControl(Control):
    Mailbox = _BoundedMailbox


def broadcast(command: str, arguments: dict[str, Any] | None = None, **options: Any) -> Any:
    """Send a remote-control command to all workers; with ``reply=True`` return ``[{hostname: answer}, …]``.

    Raises NotConfirmed. A worker that is down, or starts later, never hears of it.
    """
    with publishing.confirmed() as link:
        return _BoundedControl(current_app).broadcast(command, arguments, connection=link, **options)

"""The Celery application, and one connection to its broker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cloche_agent.output import Failure, describe, step

#: A broker that just starts is waited for (seconds).
_PATIENCE = {"max_retries": 5, "interval_start": 0.5, "interval_step": 0.5, "timeout": 15}


def load(name: str, *, tasks: bool = False, results: bool = False) -> Any:
    """Return the application that ``celery -A name`` would use.

    ``tasks`` also imports the modules with its tasks, ``results`` what a result backend in Django's database needs.
    """
    with step("celery"):
        from celery.app.utils import find_app

        app = find_app(name)
        app.set_current()
        if tasks:
            # Celery would run Django's system checks here; `check` does, once.
            os.environ["CELERY_SKIP_CHECKS"] = "1"
            app.loader.import_default_modules()
            app.finalize(auto=True)
        elif results and os.environ.get("DJANGO_SETTINGS_MODULE"):
            import django

            django.setup()
    return app


def is_amqp(app: Any) -> bool:
    """Whether the broker is RabbitMQ."""
    return app.connection_for_write().transport.driver_type == "amqp"


@contextmanager
def connected(app: Any, **options: Any) -> Iterator[Any]:
    """Yield a connection to the broker; ``options`` outrank the application's transport options."""
    connection = app.connection_for_write(transport_options={**app.conf.broker_transport_options, **options})
    with connection:
        try:
            connection.ensure_connection(**_PATIENCE)
        except Exception as error:
            # The client libraries' errors have no base class in common.
            raise Failure("broker", f"the broker does not answer: {describe(error)}") from error
        yield connection


def queue_name(app: Any, wanted: str) -> str:
    """Return the application's own name of a queue: as written, or the one that ends in it (``shop.default``).

    An application that declares none has every queue that is named. Raises Failure where none or more than one fits.
    """
    names = list(app.amqp.queues)
    found = [name for name in names if name == wanted] or [
        name for name in names if name.endswith((f".{wanted}", f"-{wanted}", f":{wanted}", f"_{wanted}"))
    ]
    if not found and app.amqp.queues.create_missing:
        return wanted
    if len(found) != 1:
        fault = f"fits {', '.join(found)}" if found else f"is not one of {', '.join(names)}"
        raise Failure("queues", f"the queue {wanted} {fault}")
    return found[0]


def ready(connection: Any, queue: str) -> int | None:
    """Return how many messages wait in a queue, or None where there is no such queue."""
    channel = connection.channel()
    try:
        count = channel.queue_declare(queue, passive=True).message_count
        channel.close()
    except connection.channel_errors:
        # The broker has closed the channel with its refusal.
        return None
    return count

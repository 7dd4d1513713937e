"""``manage.py declare_topology``: what must exist on the broker before anything is published."""

from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError
from kombu.transport.native_delayed_delivery import (
    bind_queue_to_native_delayed_delivery_exchange,
    declare_native_delayed_delivery_exchanges_and_queues,
)

from config.celery_settings import is_amqp

#: A broker that just starts is waited for (seconds).
PATIENCE: dict[str, Any] = {"max_retries": 5, "interval_start": 1, "interval_step": 1, "timeout": 30}


class Command(BaseCommand):
    """Declare exchange, queues, bindings and delayed delivery; safe to repeat.

    A countdown that is published before any worker ran would fail for want of the delayed exchange, and a
    worker that starts on some of the queues only would leave delayed delivery off.
    """

    help = "Declare exchange, queues and delayed delivery on RabbitMQ (nothing to do for other brokers)."
    # The broker alone is needed: the command may run before the database does.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Declare all of it over one connection."""
        if not is_amqp(current_app.conf.broker_write_url):
            self.stdout.write("Nothing to declare: the broker is not RabbitMQ.")
            return
        queues = list(current_app.amqp.queues.values())
        connection = current_app.connection_for_write()
        refusals: tuple[Any, ...] = (OperationalError, *connection.connection_errors, *connection.channel_errors)
        try:
            with connection:
                connection.ensure_connection(**PATIENCE)
                with connection.channel() as channel:
                    for queue in queues:
                        queue(channel).declare()
                declare_native_delayed_delivery_exchanges_and_queues(
                    connection,
                    current_app.conf.broker_native_delayed_delivery_queue_type,
                )
                for queue in queues:
                    bind_queue_to_native_delayed_delivery_exchange(connection, queue)
        except refusals as error:
            # The kind only: the text of some errors holds the URL with its password.
            raise CommandError(f"The broker did not accept it: {type(error).__name__}") from error
        self.stdout.write(f"Declared {', '.join(queue.name for queue in queues)} and delayed delivery.")

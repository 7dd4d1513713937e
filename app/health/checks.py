"""One function per service that the application needs; each raises where the service does not work."""

import secrets
from functools import lru_cache
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.celery_settings import is_amqp
from core import publishing
from core.inprocess import is_in_process


class NotReady(Exception):
    """A service answers, but not as it should. The text is shown to everyone."""


def database() -> None:
    """Ask the database for one row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def migrations() -> None:
    """Compare the newest migrations of this code with those applied."""
    applied = MigrationRecorder(connection).applied_migrations()
    missing = [f"{app}.{name}" for app, name in _newest_migrations() if (app, name) not in applied]
    if missing:
        raise NotReady(f"not applied: {', '.join(sorted(missing))}")


@lru_cache(maxsize=1)
def _newest_migrations() -> list[tuple[str, str]]:
    # Read from disk once: a release never changes.
    return MigrationLoader(None).graph.leaf_nodes()


def cache_store() -> None:
    """Write a value to the cache and read it back."""
    # A key of its own for each check: two processes must not read each other's.
    token = secrets.token_hex(8)
    key = f"readyz:{token}"
    cache.set(key, token, timeout=10)
    if cache.get(key) != token:
        raise NotReady("a value that was written could not be read back")


def broker() -> None:
    """Ask the broker on a connection that publishes: one that a new process opens here, no visitor waits for."""
    if is_in_process(current_app):
        return
    with publishing.connection() as link:
        channel: Any = link.default_channel
        if is_amqp(current_app.conf.broker_write_url):
            # It is always there; the answer is what counts.
            channel.exchange_declare("amq.direct", "direct", passive=True)
        else:
            channel.client.ping()  # connecting to Redis is lazy

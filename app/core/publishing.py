"""Publishing from a web process: confirmed by the broker, or refused within a few seconds."""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task, current_app
from celery.utils import uuid
from kombu import Connection
from kombu.connection import ConnectionPool
from kombu.exceptions import KombuError, OperationalError

from config.celery_settings import is_amqp
from core import inprocess

#: Seconds for each of connect, write, read and confirm. Three of them can add up.
STEP_TIMEOUT = 2
_POOL_LIMIT = 10

_lock = threading.Lock()
_pools: dict[str, ConnectionPool] = {}


class NotConfirmed(Exception):
    """The broker did not confirm. The message is *perhaps* there: repeating it must be harmless."""


def publish(task: Task, kwargs: dict[str, Any], *, task_id: str | None = None, **options: Any) -> str:
    """Publish the task and return its id once the broker has confirmed it.

    Raises NotConfirmed after some six seconds at most. There is no automatic repetition: the first try may
    have arrived, and only the caller knows whether a second one does harm.
    """
    task_id = task_id or uuid()
    if inprocess.is_in_process(current_app):
        task.apply_async(kwargs=kwargs, task_id=task_id, **options)
        return task_id
    with confirmed() as link:
        producer = current_app.amqp.Producer(link, auto_declare=False)
        limits: dict[str, Any] = {
            "retry": False,
            "timeout": STEP_TIMEOUT,
            "confirm_timeout": STEP_TIMEOUT,
        }
        task.apply_async(kwargs=kwargs, task_id=task_id, producer=producer, **limits, **options)
    return task_id


@contextmanager
def confirmed() -> Iterator[Connection]:
    """Yield a connection as ``connection`` does; what fails on it is NotConfirmed."""
    try:
        with connection() as link:
            yield link
    except (KombuError, OSError) as error:
        raise NotConfirmed(type(error).__name__) from error


@contextmanager
def connection() -> Iterator[Connection]:
    """Yield one of this process's connections that publish; raises KombuError or OSError within some seconds."""
    with _pool().acquire(block=True, timeout=STEP_TIMEOUT) as link:
        if _is_stale(link):
            link.collect()
        try:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=STEP_TIMEOUT)
            yield link
        except BaseException as error:
            # A confirmation that comes late would be taken for that of the next message.
            link.collect()
            # The client libraries' own errors (refused login, closed channel) have no base class in common.
            if isinstance(error, link.connection_errors + link.channel_errors):
                raise OperationalError(type(error).__name__) from error
            raise


def _pool() -> ConnectionPool:
    """Return this process's pool for the broker in force (the application's own has the workers' patience)."""
    url = current_app.conf.broker_write_url
    with _lock:
        if url not in _pools:
            names = ("read_timeout", "write_timeout") if is_amqp(url) else ("socket_timeout", "socket_connect_timeout")
            options = dict.fromkeys(names, STEP_TIMEOUT)
            pattern = current_app.connection_for_write(transport_options=options, connect_timeout=STEP_TIMEOUT)
            _pools[url] = ConnectionPool(pattern, limit=_POOL_LIMIT)
        return _pools[url]


def _is_stale(link: Connection) -> bool:
    """Whether an idle AMQP connection was closed by the broker, or has been told so.

    Nothing is read from it between two publications, so anything readable is its end. Without this look, each
    process would answer one request with a 503 after every restart of the broker.
    """
    sock = getattr(link.connection, "sock", None) if link.connected else None
    if sock is None:
        return False
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))

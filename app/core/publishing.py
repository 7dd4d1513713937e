"""Publishing from a web process: confirmed by the broker, or refused within a few seconds."""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import amqp
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
#: Seconds in which this process publishes nothing after it was told of an alarm, or has lost patience.
PAUSE = 2
#: Seconds for which it waits in vain again and again: longer than another member of a cluster needs to lead.
PATIENCE = 15

_lock = threading.Lock()
_pools: dict[str, ConnectionPool] = {}
_quiet_until = 0.0
#: Since when nobody has waited for the broker with success; None: the last one had some.
_silent_since: float | None = None
#: Options of every task published within ``confirmed_tasks()``.
_options: ContextVar[dict[str, Any] | None] = ContextVar("confirmed_options", default=None)


class NotConfirmed(Exception):
    """The broker did not confirm. The message is *perhaps* there: repeating it must be harmless."""


def publish(task: Task, kwargs: dict[str, Any], *, task_id: str | None = None, **options: Any) -> str:
    """Publish the task and return its id once the broker has confirmed it.

    Raises NotConfirmed: at once where the broker says that it takes nothing, after some six seconds at most. There is
    no automatic repetition: the first try may have arrived, and only the caller knows whether a second one does harm.
    """
    task_id = task_id or uuid()
    with confirmed_tasks():
        task.apply_async(kwargs=kwargs, task_id=task_id, **options)
    return task_id


@contextmanager
def confirmed_tasks() -> Iterator[None]:
    """Have the broker confirm every task that the block publishes; raises NotConfirmed as ``publish`` does.

    For a canvas of several tasks: options given to it would reach only some of them, and a chord's body would keep
    them. The base task asks for them instead.
    """
    if inprocess.is_in_process(current_app):
        yield
        return
    with confirmed() as link:
        token = _options.set(
            {
                "producer": current_app.amqp.Producer(link, auto_declare=False),
                "retry": False,
                "timeout": STEP_TIMEOUT,
                "confirm_timeout": STEP_TIMEOUT,
            }
        )
        try:
            yield
        finally:
            _options.reset(token)


def confirming_options() -> dict[str, Any]:
    """Return the options of a task that is published now: empty outside of ``confirmed_tasks()``."""
    return _options.get() or {}


@contextmanager
def confirmed() -> Iterator[Connection]:
    """Yield a connection as ``connection`` does; what fails on it is NotConfirmed."""
    global _silent_since
    if time.monotonic() < _quiet_until:
        raise NotConfirmed("a moment ago the broker took nothing")
    try:
        with connection() as link:
            yield link
    except (KombuError, OSError) as error:
        if isinstance(error.__cause__ or error, TimeoutError):
            _lose_patience()
        raise NotConfirmed(type(error).__name__) from error
    _silent_since = None


@contextmanager
def connection() -> Iterator[Connection]:
    """Yield one of this process's connections that publish; raises KombuError or OSError within some seconds."""
    with _pool().acquire(block=True, timeout=STEP_TIMEOUT) as link:
        if _is_stale(link):
            _drop(link)
        try:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=STEP_TIMEOUT)
            yield link
        except BaseException as error:
            # A confirmation that comes late would be taken for that of the next message.
            _drop(link)
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
            options: dict[str, Any] = dict.fromkeys(names, STEP_TIMEOUT)
            if is_amqp(url):
                options["on_blocked"] = _refuse
            pattern = current_app.connection_for_write(transport_options=options, connect_timeout=STEP_TIMEOUT)
            _pools[url] = ConnectionPool(pattern, limit=_POOL_LIMIT)
        return _pools[url]


def _refuse(reason: str) -> None:
    """Hear that the broker has an alarm (memory, disk) and reads nothing more from this connection.

    Nothing is tried for a while: the broker reads in the end what was sent, after whoever sent it was refused.
    """
    _pause()
    raise OperationalError(reason)


def _lose_patience() -> None:
    global _silent_since
    now = time.monotonic()
    _silent_since = now if _silent_since is None else _silent_since
    if now - _silent_since >= PATIENCE:
        _pause()


def _pause() -> None:
    """Have this process publish nothing for a while.

    Without it every publication waits for its timeouts meanwhile, and soon every process of the web with it: then no
    page is answered either.
    """
    global _quiet_until
    _quiet_until = time.monotonic() + PAUSE


def _drop(link: Connection) -> None:
    """Give a connection up without a farewell, which a broker that reads nothing would leave unanswered for seconds."""
    if link.connected and isinstance(link.connection, amqp.Connection):
        link.connection.collect()
    link.collect()


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

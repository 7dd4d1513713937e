"""Celery's settings, queues, tasks and schedule, as far as a task or its result can depend on them."""

from collections.abc import Iterator
from datetime import timedelta
from socket import TCP_USER_TIMEOUT
from types import ModuleType
from typing import Any

from cloche_agent import places
from cloche_agent.output import plain

#: Told as they are, where this version of Celery knows them.
SETTINGS = (
    "accept_content", "broker_channel_error_retry", "broker_connection_max_retries", "broker_connection_retry",
    "broker_connection_retry_on_startup", "broker_heartbeat", "broker_pool_acquire_timeout", "control_queue_durable",
    "control_queue_exclusive", "result_accept_content", "result_backend_always_retry", "result_expires",
    "result_serializer", "task_acks_late", "task_always_eager", "task_create_missing_queues",
    "task_default_delivery_mode", "task_default_queue", "task_ignore_result", "task_reject_on_worker_lost",
    "task_serializer", "task_soft_time_limit", "task_time_limit",
    "worker_cancel_long_running_tasks_on_connection_loss",
)  # fmt: skip
_OPTIONS = ("confirm_publish", "read_timeout", "write_timeout", "visibility_timeout", "socket_timeout")


def collect(app: Any) -> dict[str, Any]:
    """Return how the application is configured, and with what."""
    from celery.app.defaults import DEFAULTS

    names = [name for name in SETTINGS if name in DEFAULTS]
    connection = app.connection_for_write()
    broker = {"kind": connection.transport.driver_type, "host": connection.hostname, "port": connection.port}
    if broker["host"] == "localhost":
        broker["host"] = "127.0.0.1"
    # Before anything is routed, which would make queues that are missing.
    queues = dict(_queues(app))
    return {
        **_style(app),
        "settings": {name: plain(app.conf.get(name)) for name in names},
        "set": [name for name in names if app.conf.value_set_for(name)],
        "broker": broker,
        "written": {
            "CELERY_BROKER_URL": places.service(app.conf.first("broker_url", "broker_host")),
            "CELERY_RESULT_BACKEND": places.service(app.conf.first("result_backend", "CELERY_RESULT_BACKEND")),
        },
        "results": _results(app),
        "transport_options": _transport_options(app),
        "queues": queues,
        "tasks": {name: _task(app, task) for name, task in sorted(app.tasks.items()) if not name.startswith("celery.")},
        "schedule": {str(name): _entry(entry) for name, entry in (app.conf.beat_schedule or {}).items()},
    }


def _style(app: Any) -> dict[str, Any]:
    """Return how the settings are written: their namespace, old_names where the old ones are in use, where they are."""
    source = app._config_source
    if isinstance(source, ModuleType):
        source = source.__name__
    old: dict[str, str] = {}
    if not app.namespace and getattr(app.conf, "deprecated_settings", None):
        from celery.app.defaults import _TO_OLD_KEY

        old = {name: _TO_OLD_KEY[name] for name in SETTINGS if name in _TO_OLD_KEY}
    return {
        "namespace": (app.namespace or "").rstrip("_"),
        "old_names": old,
        "source": source if isinstance(source, str) else "",
        "main": app.main or "",
    }


def _results(app: Any) -> dict[str, Any]:
    found = places.service(app.conf.result_backend or "disabled")
    path = found["path"].removeprefix("/")
    found["in_release"] = found["kind"].endswith("sqlite") and (not path or places.in_release(path))
    return found


def _transport_options(app: Any) -> dict[str, Any]:
    given = app.conf.broker_transport_options or {}
    known = {name: plain(given[name]) for name in _OPTIONS if name in given}
    settings = given.get("socket_settings") or {}
    return known | {"user_timeout": TCP_USER_TIMEOUT in settings or "TCP_USER_TIMEOUT" in settings}


def _queues(app: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    from kombu.common import Broadcast

    for name, queue in app.amqp.queues.items():
        # A broadcast's queue is each worker's own.
        if not isinstance(queue, Broadcast):
            exchange = queue.exchange
            mode = exchange.delivery_mode if exchange else None
            yield (
                name,
                {
                    "type": (queue.queue_arguments or {}).get("x-queue-type", "classic"),
                    "durable": bool(queue.durable) and (not exchange or bool(exchange.durable or not exchange.name)),
                    "transient": mode in (1, "transient"),
                    "exchange_type": exchange.type if exchange else "",
                },
            )


def _task(app: Any, task: Any) -> dict[str, Any]:
    from celery import Task

    delay = getattr(task, "retry_backoff_max", 600) if getattr(task, "retry_backoff", False) else 0
    return {
        "acks_late": bool(task.acks_late),
        "survives": bool(task.reject_on_worker_lost or getattr(task, "retry_on_worker_lost", False)),
        "time_limit": plain(task.time_limit),
        "soft_time_limit": plain(task.soft_time_limit),
        "ignore_result": bool(task.ignore_result),
        "retry_delay": plain(task.default_retry_delay),
        "longest_delay": max(delay, task.default_retry_delay or 0),
        "queue": _queue_of(app, task),
        "own_publish": type(task).apply_async is not Task.apply_async,
        "on_commit": hasattr(task, "apply_async_on_commit"),
    }


def _queue_of(app: Any, task: Any) -> str | None:
    """Return the queue that a task is sent to unless its publisher names another; None where only a call would tell."""
    try:
        options = app.amqp.router.route(dict(task._get_exec_options()), task.name, args=(), kwargs={}, task_type=task)
    except Exception:
        # A router of the project's own may want arguments that only a call has.
        return None
    queue = options.get("queue")
    return getattr(queue, "name", queue)


def _entry(entry: Any) -> dict[str, Any]:
    options = entry.get("options") or {}
    every = entry.get("schedule")
    every = getattr(every, "run_every", every)
    seconds = every.total_seconds() if isinstance(every, timedelta) else every
    queue = options.get("queue")
    return {
        "task": entry.get("task"),
        "seconds": seconds if isinstance(seconds, int | float) else None,
        "expires": options.get("expires") is not None,
        "queue": getattr(queue, "name", queue),
    }

"""Celery's settings for a broker: what they prevent stands beside each of them."""

import socket
from typing import Any

from kombu import Exchange, Queue

from config.queues import DEFAULT_QUEUE, EXCHANGE, QUEUES, TASK_ROUTES

#: Seconds after which a task that sets no limits of its own is interrupted, and killed.
SOFT_TIME_LIMIT, TIME_LIMIT = 270, 300
#: Seconds; above the longest task, else Redis hands a running task to a second worker.
REDIS_VISIBILITY_TIMEOUT = 3600
IN_PROCESS_BROKER = "memory://localhost//"
#: What people write for a result backend, and what Celery calls it.
RESULT_BACKENDS = {"": "django-db", "none": "disabled://", "rpc": "rpc://"}


def celery_settings(broker_url: str = "", result_backend: str = "") -> dict[str, Any]:
    """Return the CELERY_* settings for a broker URL (amqp, redis, or empty: tasks run in this process)."""
    broker_url = broker_url or IN_PROCESS_BROKER
    return {
        "CELERY_BROKER_URL": broker_url,
        "CELERY_RESULT_BACKEND": RESULT_BACKENDS.get(result_backend, result_backend),
        **_tasks(),
        **_queues(quorum=is_amqp(broker_url)),
        **_connection(broker_url),
        **_worker(),
        **_results(),
        **_beat(),
    }


def is_amqp(broker_url: str) -> bool:
    """Whether the URL names a RabbitMQ."""
    return broker_url.split("://")[0] in {"amqp", "amqps", "pyamqp"}


def _tasks() -> dict[str, Any]:
    return {
        # Acknowledge after the work: a worker that dies hands its task to another one. Tasks are idempotent.
        "CELERY_TASK_ACKS_LATE": True,
        # The same when only the child dies (out of memory): without it the task is acknowledged and lost.
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        # A task without an end holds its message until the broker's consumer_timeout closes the channel.
        "CELERY_TASK_SOFT_TIME_LIMIT": SOFT_TIME_LIMIT,
        "CELERY_TASK_TIME_LIMIT": TIME_LIMIT,
        # A stored result costs more than most tasks (PostgreSQL 118/s, Redis 2,400/s, ignored 4,450/s): a task
        # that somebody looks at says `ignore_result=False`, as does a publisher that waits for one answer.
        "CELERY_TASK_IGNORE_RESULT": True,
        # People watch the state: waiting and running must look different.
        "CELERY_TASK_TRACK_STARTED": True,
        # JSON only: a broker must not be able to make a worker run code.
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
        # One clock for every host.
        "CELERY_TIMEZONE": "UTC",
    }


def _queues(*, quorum: bool) -> dict[str, Any]:
    # A direct exchange would silently disable native delayed delivery.
    exchange = Exchange(EXCHANGE, type="topic", durable=True)
    # An explicit queue ignores task_default_queue_type, so each one says that it is replicated.
    arguments = {"x-queue-type": "quorum"} if quorum else None
    return {
        "CELERY_TASK_QUEUES": [Queue(q, exchange, routing_key=q, queue_arguments=arguments) for q in QUEUES],
        "CELERY_TASK_ROUTES": TASK_ROUTES,
        # A misspelt queue is an error, instead of a queue that no worker serves.
        "CELERY_TASK_CREATE_MISSING_QUEUES": False,
        # All four: what is left out is derived from Celery's own defaults (a direct exchange).
        "CELERY_TASK_DEFAULT_QUEUE": DEFAULT_QUEUE,
        "CELERY_TASK_DEFAULT_EXCHANGE": EXCHANGE,
        "CELERY_TASK_DEFAULT_EXCHANGE_TYPE": "topic",
        "CELERY_TASK_DEFAULT_ROUTING_KEY": DEFAULT_QUEUE,
        # Shared control queues break under transient_nonexcl_queues=false; exclusive ones keep a node of a
        # cluster from starting. Never change this under the same node name: it loops on RESOURCE_LOCKED.
        "CELERY_CONTROL_QUEUE_EXCLUSIVE": False,
        "CELERY_CONTROL_QUEUE_DURABLE": True,
        # Seconds: the control queue of a worker that is gone.
        "CELERY_CONTROL_QUEUE_EXPIRES": 60,
    }


def _connection(broker_url: str) -> dict[str, Any]:
    return {
        "CELERY_BROKER_TRANSPORT_OPTIONS": _transport_options(broker_url),
        # A broker may be away for as long as it likes: workers come back by themselves.
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
        "CELERY_BROKER_CHANNEL_ERROR_RETRY": True,
        # Seconds: a dead peer is noticed within two beats, not by the kernel after minutes.
        "CELERY_BROKER_HEARTBEAT": 20,
        # Seconds: an exhausted pool is an error, not a hung process.
        "CELERY_BROKER_POOL_ACQUIRE_TIMEOUT": 10,
    }


def _transport_options(broker_url: str) -> dict[str, Any]:
    if is_amqp(broker_url):
        return {
            # Without it a publish returns before the broker has the message, and a crash loses it.
            "confirm_publish": True,
            # Seconds: else a publish during a broker's memory or disk alarm hangs for ever.
            "read_timeout": 8,
            "write_timeout": 8,
            # Milliseconds; the client's default of 1 s drops the connection on a stall. The key is the integer.
            "socket_settings": {socket.TCP_USER_TIMEOUT: 10_000},
        }
    if broker_url == IN_PROCESS_BROKER:
        return {"polling_interval": 0.1}
    return {
        "visibility_timeout": REDIS_VISIBILITY_TIMEOUT,
        # Seconds, as above: neither a hung connect nor a hung answer may hang the process.
        "socket_connect_timeout": 4,
        "socket_timeout": 8,
        "health_check_interval": 30,
    }


def _worker() -> dict[str, Any]:
    return {
        # After a lost connection the broker hands the running task to another worker: stop this run.
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        # Measured by bench/celery: 1 drains 1,250/s, 4 1,770/s, 8 2,170/s, 16 and 32 no more; the fewer messages a
        # worker holds, the fewer wait behind its long tasks.
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 8,
        # A child that leaks is replaced (tasks; KiB).
        "CELERY_WORKER_MAX_TASKS_PER_CHILD": 1000,
        "CELERY_WORKER_MAX_MEMORY_PER_CHILD": 300_000,
        # Django's logging is in force; prints go where they were sent.
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_REDIRECT_STDOUTS": False,
    }


def _results() -> dict[str, Any]:
    return {
        # Name, arguments and worker beside the result, for the admin.
        "CELERY_RESULT_EXTENDED": True,
        # Seconds: without it the table grows for ever (beat runs the clean-up).
        "CELERY_RESULT_EXPIRES": 24 * 3600,
        # Bounded retries: some ten seconds of a lost database do not lose a result, a longer loss does not hang.
        "CELERY_RESULT_BACKEND_ALWAYS_RETRY": True,
        "CELERY_RESULT_BACKEND_MAX_RETRIES": 10,
        # The same for Redis as the result backend (seconds).
        "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS": {"retry_policy": {"timeout": 5.0}},
        "CELERY_REDIS_SOCKET_TIMEOUT": 8.0,
        "CELERY_REDIS_SOCKET_CONNECT_TIMEOUT": 4.0,
        # Tasks between two closings of the database connection, which Celery otherwise closes around each
        # task: 648 instead of 114 results a second. Needs close_old_connections() before each task.
        "CELERY_DB_REUSE_MAX": 1_000_000,
    }


def _beat() -> dict[str, Any]:
    return {
        # The schedules are in the database, installed when beat starts.
        "CELERY_BEAT_SCHEDULER": "schedules.scheduler:GardenScheduler",
        # Write each run down at once: what a killed beat has sent in the last three minutes would be sent again,
        # and people read the last run.
        "CELERY_BEAT_SYNC_EVERY": 1,
    }

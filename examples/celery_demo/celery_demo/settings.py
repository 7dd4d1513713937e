"""Celery's settings: the least that loses nothing on RabbitMQ's quorum queues. Each has its reason beside it."""

import os
import socket
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from kombu import Exchange, Queue

from celery_demo import database

#: Where this application writes when the environment names no services: broker, results, beat's memory.
LOCAL = Path(os.environ.get("CELERY_DEMO_DIR") or Path(__file__).parents[1] / "var")


def _local(name: str) -> str:
    """Return a path in LOCAL, which is made on the way; a deployment, whose source is read-only, never comes here."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    return str(LOCAL / name)


def _transport_options(broker: str) -> dict[str, Any]:
    if broker.startswith("filesystem:"):
        # A toy for one machine: what a killed worker held is gone.
        names = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "exchanges"}
        folders = {option: _local(name) for option, name in names.items()}
        for folder in folders.values():
            Path(folder).mkdir(exist_ok=True)
        return folders
    return {
        # Else a publish returns before the broker has the message, and a crash loses it.
        "confirm_publish": True,
        # Seconds: else a publish during a broker's memory or disk alarm hangs for ever, and beat with it.
        "read_timeout": 8,
        "write_timeout": 8,
        # Milliseconds; the client's default of 1 s drops the connection on a stall. The key is the integer.
        "socket_settings": {socket.TCP_USER_TIMEOUT: 10_000},
    }


def _broker() -> str:
    """Return the broker's URL; a file is where containers have it, whose environment everybody can read."""
    file = os.environ.get("CELERY_BROKER_URL_FILE")
    named = os.environ.get("CELERY_BROKER_URL") or (Path(file).read_text().strip() if file else "")
    return named or "filesystem://localhost//"


# --- broker ---------------------------------------------------------------------------------------------------------

broker_url = _broker()
broker_transport_options = _transport_options(broker_url)
# A broker may be away for as long as it likes: workers and beat come back by themselves.
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_channel_error_retry = True
# Seconds: a dead peer is noticed within two beats, not by the kernel after minutes.
broker_heartbeat = 20

# One topic exchange (a direct one silently disables delayed delivery), and a queue that says itself that it is
# replicated: an explicit queue ignores task_default_queue_type.
task_queues = [
    Queue(
        "default",
        Exchange("celery_demo", type="topic"),
        routing_key="default",
        queue_arguments={"x-queue-type": "quorum"},
    )
]
# All four: what is left out is derived from Celery's own defaults, which are a direct exchange.
task_default_queue = "default"
task_default_exchange = "celery_demo"
task_default_exchange_type = "topic"
task_default_routing_key = "default"
# A misspelt queue is an error, instead of a queue that no worker serves.
task_create_missing_queues = False
# Shared control queues break where RabbitMQ denies transient ones; exclusive ones keep a node of a cluster from
# starting. Never change this under the same node name: it loops on RESOURCE_LOCKED.
control_queue_exclusive = False
control_queue_durable = True
# Seconds: the control queue of a worker that is gone, as each release leaves one.
control_queue_expires = 60

# --- tasks ----------------------------------------------------------------------------------------------------------

# Acknowledge after the work: a worker that dies hands its task to another one. The tasks are idempotent.
task_acks_late = True
# The same when only the child dies (out of memory): without it the task is acknowledged and lost.
task_reject_on_worker_lost = True
# After a lost connection the broker hands the running task to another worker: stop this run.
worker_cancel_long_running_tasks_on_connection_loss = True
# Seconds; a task without an end holds its message until the broker closes the channel. Above any nap.
task_soft_time_limit = 30
task_time_limit = 60
# Naps are long beside sums: what one process holds waits behind its nap, while another could work on it.
worker_prefetch_multiplier = 1
# JSON only: a broker must not be able to make a worker run code.
task_serializer = result_serializer = "json"
accept_content = ["json"]
# One clock for every host, and for the crontab below.
timezone = "UTC"

# --- results --------------------------------------------------------------------------------------------------------

result_backend = os.environ.get("CELERY_RESULT_BACKEND") or f"db+sqlite:///{_local('results.sqlite3')}"
# Workers of two releases and consoles have the file open at the same time.
database_engine_options = database.ENGINE_OPTIONS
database_engine_callback = database.prepare
# Beside the outcome its task's name, arguments and worker: they tell a row in the file from another.
result_extended = True
# Seconds: without it the file grows for ever. Beat sends the clean-up, at four in the morning.
result_expires = 24 * 3600

# --- beat -----------------------------------------------------------------------------------------------------------

# The kit names a place that outlives a release (--schedule) instead.
beat_schedule_filename = str(LOCAL / "celerybeat-schedule")
# After each task: a beat that was killed would repeat what it sent since it last wrote, up to three minutes of it.
beat_sync_every = 1
beat_schedule = {
    "add-every-two-seconds": {"task": "celery_demo.add", "schedule": 2.0, "args": (5, 8)},
    "chain-at-the-full-minute": {"task": "celery_demo.chain_demo", "schedule": crontab(), "args": (1, 1)},
}

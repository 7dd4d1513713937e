"""A Celery application on an in-memory broker, for workers that run inside the tests' process."""

import threading
import time

from celery import Celery
from kombu import Exchange, Queue

app = Celery("jobs", broker="memory://", backend="cache+memory://")
_exchange = Exchange("jobs", type="topic")
app.conf.update(
    task_queues=[Queue(f"jobs.{name}", _exchange, routing_key=f"jobs.{name}") for name in ("fast", "slow")],
    task_default_queue="jobs.fast",
    task_default_exchange="jobs",
    task_default_exchange_type="topic",
    task_default_routing_key="jobs.fast",
    task_create_missing_queues=False,
    worker_prefetch_multiplier=3,
    broker_transport_options={"polling_interval": 0.01},
)
#: Set it, and the tasks that wait go on.
go_on = threading.Event()


@app.task(name="jobs.wait")
def wait() -> None:
    """Work until told to go on."""
    go_on.wait(20)


@app.task(name="jobs.fail")
def fail() -> None:
    """Fail, with a secret in the message."""
    raise ValueError("amqp://jobs:hidden-password@broker//")


def until(condition, seconds: float = 5) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)

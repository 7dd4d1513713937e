"""What workers and publisher run, in the sample application's environment: a Celery application for each case.

``python -m draining.cases TASKS FOLDER`` publishes the tasks between two that mark when they ran.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from celery import Celery
from config.celery_settings import celery_settings
from kombu import Queue

#: Names of the cases; the first is measured with each prefetch.
GARDEN, CLASSIC, TUTORIAL = "garden", "classic", "tutorial"


def application(case: str, url: str) -> Celery:
    """Return the Celery application of a case with its broker's URL."""
    if case == TUTORIAL:
        return Celery("bench", broker=url, backend=url)
    settings = {name.removeprefix("CELERY_").lower(): value for name, value in celery_settings(url, "none").items()}
    if case == CLASSIC:
        queues = settings["task_queues"]
        settings["task_queues"] = [Queue(queue.name, queue.exchange, routing_key=queue.routing_key) for queue in queues]
        settings |= {"task_acks_late": False, "task_reject_on_worker_lost": False}
    app = Celery("bench")
    app.conf.update(settings)
    return app


app = application(os.environ["BENCH_CASE"], os.environ["BENCH_BROKER"])


@app.task(name="bench.nothing")
def nothing() -> None:
    """Do nothing."""


@app.task(name="bench.mark")
def mark(path: str) -> None:
    """Write down when this ran."""
    Path(path).write_text(repr(time.time()))


def publish(tasks: int, folder: Path) -> None:
    """Publish a mark, so many tasks, and a mark."""
    mark.delay(str(folder / "first"))
    for _ in range(tasks):
        nothing.delay()
    mark.delay(str(folder / "last"))


if __name__ == "__main__":
    publish(int(sys.argv[1]), Path(sys.argv[2]))

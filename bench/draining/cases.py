"""What worker and publisher load on the host, in the live release's environment: a Celery application for each case."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery, signals
from config.celery import drop_broken_connections
from config.celery_settings import celery_settings
from kombu import Queue

# With the settings comes what the application does before each task. Here it would only load Django, again in every
# child that takes another's place: the garden's settings, which replace children, would pay for it ten times as often.
signals.task_prerun.disconnect(drop_broken_connections)


def application(case: str, url: str) -> Celery:
    """Return the application of a case (garden, classic, tutorial) with its broker's URL.

    Without fixups: what Django does around each task is the same in every case, and none of a broker's business.
    """
    if case == "tutorial":
        return Celery("bench", broker=url, backend=url, fixups=())
    settings = {name.removeprefix("CELERY_").lower(): value for name, value in celery_settings(url, "none").items()}
    settings["task_ignore_result"] = True
    if case == "classic":
        queues = settings["task_queues"]
        settings["task_queues"] = [Queue(queue.name, queue.exchange, routing_key=queue.routing_key) for queue in queues]
        settings |= {"task_acks_late": False, "task_reject_on_worker_lost": False}
    app = Celery("bench", fixups=())
    app.conf.update(settings)
    return app


app = application(os.environ["BENCH_CASE"], os.environ["BENCH_BROKER"])


@app.task(name="bench.nothing")
def nothing() -> None:
    """Do nothing."""


@app.task(name="bench.mark")
def mark(path: str) -> None:
    """Write down when this ran."""
    part = Path(f"{path}.part")
    part.write_text(repr(time.time()))
    part.rename(path)

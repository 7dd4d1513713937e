"""Celery tasks: thin; what they do is in runs."""

import time
from typing import Any

from celery import Task, shared_task
from django.conf import settings

from config.celery_settings import SOFT_TIME_LIMIT, TIME_LIMIT
from core.database import UNREACHABLE
from ledger import runs


@shared_task(
    name="ledger.record_run",
    bind=True,
    soft_time_limit=SOFT_TIME_LIMIT,
    time_limit=TIME_LIMIT,
    # A database that restarts must not cost an accepted entry: some ten minutes of tries.
    autoretry_for=UNREACHABLE,
    max_retries=25,
    retry_backoff=1,
    retry_backoff_max=30,
)
def record_run(self: Task, number: int, seconds: float) -> None:
    """Work on the entry for ``seconds`` and record the run. Idempotent per task id but for the recorded run."""
    request: Any = self.request
    run = runs.begin_run(
        number,
        request.id,
        worker=request.hostname or "",
        release=settings.RELEASE_ID,
        redelivered=bool((request.delivery_info or {}).get("redelivered")),
        retry=request.retries > 0,
    )
    if run:
        time.sleep(seconds)
        runs.end_run(run)

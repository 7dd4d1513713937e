"""Celery tasks."""

import time

from celery import shared_task

from tasks.types import SECONDS_PER_TYPE


# The longest type works 30 s.
@shared_task(name="tasks.create_task", soft_time_limit=60, time_limit=90)
def create_task(task_type: int) -> bool:
    """Work ten seconds per ``task_type``, then return True. Idempotent: a second run changes nothing."""
    time.sleep(task_type * SECONDS_PER_TYPE)
    return True

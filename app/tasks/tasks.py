"""Celery tasks."""

import time

from celery import Task, shared_task

from core.progress import report
from tasks import cancelling
from tasks.types import SECONDS_PER_TYPE


# The page follows it, so its result is kept. The longest type works 30 s.
@shared_task(
    name="tasks.create_task",
    bind=True,
    base=cancelling.CancellableTask,
    ignore_result=False,
    soft_time_limit=60,
    time_limit=90,
)
def create_task(self: Task, task_type: int) -> bool:
    """Work ten seconds per ``task_type``, a second a step, then return True. Idempotent: changes nothing."""
    steps = task_type * SECONDS_PER_TYPE
    for step in range(steps):
        report(self, step, steps)
        time.sleep(1)
    return True


@shared_task(name="tasks.forget_cancellations", ignore_result=True, soft_time_limit=60, time_limit=90)
def forget_cancellations() -> None:
    """Forget what was cancelled long ago. Idempotent: a second run finds nothing."""
    cancelling.forget_old()

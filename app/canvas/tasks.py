"""Celery tasks: small enough that what remains is how they are called.

Somebody watches each of them, so their results are kept (``ignore_result=False``).
"""

import logging
import time
from typing import Any

from celery import Task, shared_task

from canvas import services, widgets
from canvas.models import Widget
from core.results import read_states

logger = logging.getLogger(__name__)

#: Seconds that a division takes: long enough to be seen as STARTED.
DIVISION_SECONDS = 5
_WATCHED: dict[str, Any] = {"ignore_result": False, "soft_time_limit": 30, "time_limit": 60}


class Unlucky(Exception):
    """A try that fails as asked."""


@shared_task(name="canvas.add", **_WATCHED)
def add(x: float, y: float) -> float:
    """Return x + y. Idempotent: a second run changes nothing."""
    return x + y


@shared_task(name="canvas.mul", **_WATCHED)
def mul(x: float, y: float) -> float:
    """Return x * y. Idempotent: a second run changes nothing."""
    return x * y


@shared_task(name="canvas.xsum", **_WATCHED)
def xsum(numbers: list[float]) -> float:
    """Return the sum of the numbers. Idempotent: a second run changes nothing."""
    return sum(numbers)


@shared_task(name="canvas.sum_two_numbers", **_WATCHED)
def sum_two_numbers(first: float, second: float) -> float:
    """Return first + second. Idempotent: a second run changes nothing."""
    return first + second


@shared_task(name="canvas.divide", **_WATCHED)
def divide(x: float, y: float) -> float:
    """Work five seconds, then return x / y; ZeroDivisionError is its FAILURE. Idempotent: changes nothing."""
    time.sleep(DIVISION_SECONDS)
    return x / y


@shared_task(name="canvas.save", bind=True, **_WATCHED)
def save(self: Task, value: float) -> float:
    """Save the value in the database and return it. Idempotent per task id: a second run saves no second row."""
    widgets.save_value(str(self.request.id), value)
    return value


@shared_task(name="canvas.count_widgets", **_WATCHED)
def count_widgets() -> int:
    """Return the number of widgets. Idempotent: a second run changes nothing."""
    return Widget.objects.count()


@shared_task(name="canvas.rename_widget", **_WATCHED)
def rename_widget(widget_id: int, name: str) -> str:
    """Rename the widget; Widget.DoesNotExist is its FAILURE. Idempotent: a second run sets the same name."""
    return widgets.rename(widget_id, name)


@shared_task(
    name="canvas.fail_first",
    bind=True,
    autoretry_for=(Unlucky,),
    max_retries=3,
    # 1, 2, 4 s. Where many clients retry at once, leave the jitter on.
    retry_backoff=1,
    retry_jitter=False,
    **_WATCHED,
)
def fail_first(self: Task, failures: int) -> str:
    """Fail the first tries, then succeed; more than three failures are its FAILURE. Idempotent: changes nothing."""
    tries = self.request.retries + 1
    if tries <= failures:
        raise Unlucky(f"try {tries} failed, as it was asked to")
    return f"succeeded at try {tries}"


@shared_task(name="canvas.take_turn", rate_limit="10/m", **_WATCHED)
def take_turn(number: int) -> int:
    """Return the number, at most ten times a minute on each worker. Idempotent: changes nothing."""
    return number


@shared_task(name="canvas.report_failure", **_WATCHED)
def report_failure(task_id: str) -> str:
    """Say in words how the task failed; an error callback. Idempotent: a second run changes nothing."""
    state = read_states([task_id]).get(task_id)
    return f"{task_id} failed: {state.result if state else 'its result is not kept'}"


@shared_task(name="canvas.debug_task", bind=True, **_WATCHED)
def debug_task(self: Task) -> dict[str, Any]:
    """Log the request and return the part that is fit for everyone. Idempotent: a second run changes nothing."""
    request: Any = self.request
    logger.info("Request: %r", request)
    return {"id": request.id, "task": request.task, "retries": request.retries}


@shared_task(name="canvas.sweep_runs", ignore_result=True, soft_time_limit=60, time_limit=90)
def sweep_runs() -> None:
    """Mark what expired unseen as REVOKED and remove yesterday's runs. Idempotent: a second run finds nothing."""
    services.mark_expired()
    services.remove_old_runs()

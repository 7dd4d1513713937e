"""What the page shows."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django_celery_beat.models import PeriodicTask


def schedules() -> list[dict[str, Any]]:
    """Return all periodic tasks, each ``{task, when, next_run, due}``; ``next_run`` is None for one that rests."""
    now = timezone.now()
    tasks = PeriodicTask.objects.select_related("interval", "crontab", "solar", "clocked").order_by("name")
    return [{"task": task, "when": _when(task), **_next(task, now)} for task in tasks]


def _when(task: PeriodicTask) -> str:
    return task.crontab.human_readable if task.crontab else str(task.scheduler or "no schedule")


def _next(task: PeriodicTask, now: datetime) -> dict[str, Any]:
    moment = next_run(task, now)
    return {"next_run": moment, "due": moment is not None and moment <= now}


def next_run(task: PeriodicTask, now: datetime) -> datetime | None:
    """Return when beat runs the task next, or None where it doesn't; past where it is due."""
    if not task.enabled or task.scheduler is None or (task.expires and task.expires <= now):
        return None
    # As the scheduler does it: a task that never ran counts from its last change.
    moment = now + task.schedule.remaining_estimate(task.last_run_at or task.date_changed)
    if task.start_time and moment < task.start_time:
        return task.start_time
    return moment.replace(microsecond=0) + timedelta(seconds=moment.microsecond > 0)

"""The schedules as tests want them."""

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from schedules.entries import ENTRIES
from schedules.models import Installed

ADD = "add(16, 16) by interval"
#: A release that has never heard of it.
WITHOUT_ADD = tuple(entry for entry in ENTRIES if entry.name != ADD)


def forget_all() -> None:
    """Make the database as it was before the first installation (migrating it has installed)."""
    for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, Installed, PeriodicTasks):
        model.objects.all().delete()


def entry(name: str = ADD) -> PeriodicTask:
    """Return the installed entry."""
    return PeriodicTask.objects.get(name=name)

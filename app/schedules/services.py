"""Installing schedules, and keeping their results few."""

import json
from collections.abc import Iterable
from typing import Any

from celery import current_app
from django.apps import apps as global_apps
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_results.models import TaskResult

from schedules.entries import ENTRIES, At, Entry, Every
from schedules.models import Installed

#: Results kept of each schedule: one that runs every 30 s would leave 2,880 a day.
RESULTS_KEPT = 50


@transaction.atomic
def install(*, restore: bool = False) -> list[str]:
    """Install the schedules that were never installed here, and return what was done, in words.

    Idempotent, and never undoes an operator's change: an entry that was edited, disabled or deleted stays so
    (``restore`` brings back the deleted ones). Only where this release doesn't know an entry's task is it switched
    off, after the way back to an older release; a release that knows it switches it on again.
    """
    current_app.loader.import_default_modules()
    known = {entry.name: entry for entry in ENTRIES if entry.task in current_app.tasks}
    done = [f"installed {entry.name}" for entry in known.values() if _install(entry, restore=restore)]
    done += [f"switched off {name}" for name in _withdraw(known)]
    done += [f"switched on {name}" for name in _bring_back(known)]
    return done


def _install(entry: Entry, *, restore: bool) -> bool:
    # The row is the lock: of two that install at once, one makes it.
    _, is_new = Installed.objects.get_or_create(name=entry.name)
    if not (is_new or restore) or PeriodicTask.objects.filter(name=entry.name).exists():
        return False
    PeriodicTask(name=entry.name, task=entry.task, args=json.dumps(entry.args), **_schedule(entry.when)).save()
    return True


def _schedule(when: Every | At) -> dict[str, Any]:
    """Return the field of a PeriodicTask with its schedule, an existing one where there is one."""
    if isinstance(when, Every):
        spec: dict[str, Any] = {"every": when.every, "period": when.period}
        return {"interval": IntervalSchedule.objects.filter(**spec).first() or IntervalSchedule.objects.create(**spec)}
    spec = {
        "minute": str(when.minute),
        "hour": str(when.hour),
        "day_of_week": when.day_of_week,
        "day_of_month": "*",
        "month_of_year": "*",
        "timezone": when.timezone,
    }
    return {"crontab": CrontabSchedule.objects.filter(**spec).first() or CrontabSchedule.objects.create(**spec)}


def _withdraw(known: Iterable[str]) -> list[str]:
    """Switch off the entries whose task this release doesn't know, and remember it; return their names."""
    withdrawn = []
    for memory in Installed.objects.filter(withdrawn=False).exclude(name__in=known):
        if _switch(memory.name, on=False):
            memory.withdrawn = True
            memory.save()
            withdrawn.append(memory.name)
    return withdrawn


def _bring_back(known: Iterable[str]) -> list[str]:
    """Switch on what was withdrawn and is known again; return the names."""
    back = Installed.objects.filter(withdrawn=True, name__in=known)
    names = [memory.name for memory in back if _switch(memory.name, on=True)]
    # Also where an operator was faster: what is switched off from now on was so by an operator.
    back.update(withdrawn=False)
    return names


def _switch(name: str, *, on: bool) -> bool:
    task = PeriodicTask.objects.filter(name=name, enabled=not on).first()
    if task is None:
        return False
    task.enabled = on
    # save(), not update(): it tells a running beat.
    task.save()
    return True


def install_in_fresh_database(*, apps: Any = global_apps, **_: object) -> None:
    """After ``migrate``: install where no schedule has ever been.

    Elsewhere a beat may be running beside workers of the release before, and would send them tasks that they don't
    know. There the new release's beat installs when it starts, which is after its workers did.
    """
    try:
        tables = [apps.get_model("django_celery_beat", "PeriodicTask"), apps.get_model("schedules", "Installed")]
    except LookupError:
        return  # a way back to before there were such tables
    if not any(table.objects.exists() for table in tables):
        install()


def trim_results() -> int:
    """Delete all but the newest results of each schedule; return how many went."""
    names = TaskResult.objects.exclude(periodic_task_name=None).values_list("periodic_task_name", flat=True)
    gone = 0
    for name in names.order_by().distinct():
        results = TaskResult.objects.filter(periodic_task_name=name).order_by("-date_done", "-pk")
        old = list(results.values_list("pk", flat=True)[RESULTS_KEPT:])
        gone += TaskResult.objects.filter(pk__in=old).delete()[0]
    return gone

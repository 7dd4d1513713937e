"""Recording runs: what the worker does."""

import uuid

from django.db import transaction
from django.utils import timezone

from ledger.models import Entry, Run


def begin_run(
    number: int,
    task_id: str,
    *,
    worker: str,
    release: str,
    redelivered: bool,
    retry: bool,
) -> Run | None:
    """Record that a task began to work on an entry; return its run, or None where there is nothing to do.

    Nothing to do is: another task has completed the entry (a run ``skipped`` is recorded), or this one has and
    is being retried because it did not hear that its commit had succeeded. A message that the broker delivered
    a second time is no retry: it runs again, and shows as a duplicate.
    """
    entry = Entry.objects.get(pk=number)
    task_uuid = uuid.UUID(task_id)
    if retry and entry.completed_task_id == task_uuid:
        return None
    done_by_another = entry.completed_task_id not in {None, task_uuid}
    now = timezone.now()
    run = Run.objects.create(
        entry=entry,
        task_id=task_uuid,
        started_at=now,
        ended_at=now if done_by_another else None,
        worker=worker,
        release=release,
        redelivered=redelivered,
        outcome=Run.Outcome.SKIPPED if done_by_another else Run.Outcome.RUNNING,
    )
    return None if done_by_another else run


def end_run(run: Run) -> None:
    """Record the end of a run: ``completed``, or ``skipped`` where another task was faster."""
    with transaction.atomic():
        # The row is the lock: of two tasks that work on the entry at once, one gets it.
        entry = Entry.objects.select_for_update().get(pk=run.entry_id)
        run.outcome = Run.Outcome.SKIPPED
        if entry.completed_task_id in {None, run.task_id}:
            run.outcome = Run.Outcome.COMPLETED
            Entry.objects.filter(pk=entry.pk).update(completed_task_id=run.task_id)
        run.ended_at = timezone.now()
        run.save(update_fields=["outcome", "ended_at"])

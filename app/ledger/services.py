"""Accepting entries: what the web does. The worker's part is in runs."""

import uuid

from django.db import transaction
from django.utils import timezone

from config.celery_settings import SOFT_TIME_LIMIT, TIME_LIMIT
from core.publishing import publish
from ledger.inputs import Request
from ledger.models import Entry
from ledger.tasks import record_run


def accept(request: Request) -> Entry:
    """Return the entry for the key, accepted: the broker has confirmed a task for it.

    Raises NotConfirmed otherwise, which means *perhaps*. Repeating a key is harmless: an accepted entry is not
    published again (and keeps its first seconds and queue), one that was not confirmed is, under a new task id,
    and of two tasks that both arrived the second is skipped.
    """
    # Durable: the row must be committed before a worker can see the task.
    with transaction.atomic(durable=True):
        entry, _ = Entry.objects.get_or_create(
            key=request.key,
            defaults={"seconds": request.seconds, "queue": request.queue},
        )
    if entry.confirmed_at is None:
        task_id = uuid.uuid4()
        _publish(entry, task_id)
        # Only the first confirmation counts, also when two requests carry the same key at once.
        Entry.objects.filter(pk=entry.pk, confirmed_at=None).update(confirmed_at=timezone.now(), task_id=task_id)
        entry.refresh_from_db()
    return entry


def _publish(entry: Entry, task_id: uuid.UUID) -> None:
    # A long entry gets limits above its work; all others keep those of the application, which the
    # supervisor's waiting times are made for.
    limits = {}
    if entry.seconds > SOFT_TIME_LIMIT - 30:
        limits = {
            "soft_time_limit": entry.seconds + 30,
            "time_limit": entry.seconds + 30 + TIME_LIMIT - SOFT_TIME_LIMIT,
        }
    kwargs = {"number": entry.pk, "seconds": entry.seconds}
    publish(record_run, kwargs, task_id=str(task_id), queue=entry.queue, **limits)

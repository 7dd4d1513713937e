"""Cancelling a task before it begins, also one that no worker has heard of yet."""

import logging
from datetime import timedelta
from typing import Any

from celery.exceptions import Ignore
from django.utils import timezone

from core.database import UNREACHABLE
from core.task import GardenTask
from tasks.models import Cancellation

logger = logging.getLogger(__name__)

#: A message that waits longer than this for a worker is run although it was cancelled.
KEPT = timedelta(days=30)
#: What is stored as the reason, the same as where a worker knew of it.
REASON = "revoked"


class CancellableTask(GardenTask):
    """A task that looks before it begins whether it was cancelled meanwhile.

    Workers keep in memory what they were told to revoke: one that starts later knows nothing of it.
    """

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Store REVOKED and do not begin, where the task was cancelled. A database that is away stops no task."""
        try:
            cancelled = is_cancelled(task_id)
        except UNREACHABLE:
            logger.warning("nobody knows whether task %s was cancelled: the database is away", task_id)
            return
        if cancelled:
            self.backend.mark_as_revoked(task_id, REASON, request=self.request)
            raise Ignore(REASON)


def remember(task_id: str) -> None:
    """Write down that the task is not to begin. Idempotent."""
    Cancellation.objects.get_or_create(task_id=task_id)


def is_cancelled(task_id: str) -> bool:
    """Whether somebody has cancelled the task, as far back as it is kept."""
    return Cancellation.objects.filter(task_id=task_id).exists()


def forget_old() -> int:
    """Forget what is older than KEPT; return how much that was."""
    return Cancellation.objects.filter(requested_at__lt=timezone.now() - KEPT).delete()[0]

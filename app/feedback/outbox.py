"""The outbox: what is written beside a submission is published, soon after or by the sweeper."""

import logging
from datetime import timedelta

from django.utils import timezone

from core.publishing import NotConfirmed, publish
from feedback.delivery import OVERDUE, give_up_stuck
from feedback.models import OutboxEntry
from feedback.tasks import send_feedback_email_task

logger = logging.getLogger(__name__)

#: For so long an entry belongs to the process that tries to publish it.
LEASE = timedelta(seconds=60)
#: Entries of one sweep; the next one is a minute away.
BATCH = 100


def publish_entry(entry: OutboxEntry) -> bool:
    """Publish the entry's task; False where another process has just taken the entry.

    Raises NotConfirmed within some six seconds: the entry is due again after the lease. Publishing it twice is
    harmless, for its task sends at most once.
    """
    leased_until = timezone.now() + LEASE
    if not OutboxEntry.objects.filter(pk=entry.pk, due_at=entry.due_at).update(due_at=leased_until):
        return False
    publish(send_feedback_email_task, {"submission_id": entry.pk})
    now = timezone.now()
    # Not where the task was faster and has said itself when it is due again.
    OutboxEntry.objects.filter(pk=entry.pk, due_at=leased_until).update(due_at=now + OVERDUE, confirmed_at=now)
    return True


def sweep() -> dict[str, int]:
    """Publish what is due, oldest first, until the broker does not confirm; return the counts.

    published: tasks that the broker confirmed. uncertain: submissions whose worker was lost.
    """
    uncertain, published = give_up_stuck(), 0
    due = OutboxEntry.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    try:
        for entry in due[:BATCH]:
            published += publish_entry(entry)
    except NotConfirmed as error:
        logger.warning("feedback: the outbox waits, the broker did not confirm: %s", error)
    return {"published": published, "uncertain": uncertain}

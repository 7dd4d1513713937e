"""Taking in submissions, and sending them again: what the web does. The worker's part is in delivery."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from core.publishing import NotConfirmed
from feedback import outbox
from feedback.models import OutboxEntry, Submission

logger = logging.getLogger(__name__)
#: States that a person may send again from; the others are on their way.
RESENDABLE = (Submission.State.SENT, Submission.State.FAILED, Submission.State.UNCERTAIN)


def submit(email: str, message: str) -> Submission:
    """Store the submission and try to publish its task, for some six seconds at most; never raises for the broker.

    The outbox entry is committed with the submission, so a publish that fails afterwards loses nothing: the
    sweeper repeats it within two minutes.
    """
    # Durable: a worker must find the rows when it gets the task.
    with transaction.atomic(durable=True):
        submission = Submission.objects.create(email=email, message=message)
        entry = OutboxEntry.objects.create(submission=submission, due_at=timezone.now())
    try:
        outbox.publish_entry(entry)
    except NotConfirmed as error:
        logger.warning("feedback: submission %s waits in the outbox: %s", submission.pk, error)
    # It is stored: whatever goes wrong now, telling the visitor to send it again would double it.
    except Exception:
        logger.exception("feedback: submission %s waits in the outbox", submission.pk)
    return submission


def resend(submissions: Iterable[Submission]) -> int:
    """Put settled submissions into the outbox again and publish what is due; return how many they were."""
    now, count = timezone.now(), 0
    for submission in submissions:
        with transaction.atomic():
            settled = Submission.objects.filter(pk=submission.pk, state__in=RESENDABLE)
            if settled.update(state=Submission.State.WAITING, attempts=0, last_error="", sent_at=None):
                OutboxEntry.objects.create(submission=submission, due_at=now)
                count += 1
    outbox.sweep()
    return count

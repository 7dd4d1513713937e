"""Sending a submission's mail at most once: what the worker does."""

import logging
import smtplib
from contextlib import suppress
from datetime import timedelta
from email.errors import MessageError

from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from core.mail import may_have_arrived
from feedback import mails
from feedback.models import OutboxEntry, Submission

logger = logging.getLogger(__name__)

#: The mail server is asked so often, so far apart.
MAX_ATTEMPTS, RETRY_DELAY = 7, timedelta(minutes=10)
#: A task that should have run by now is lost, and is published again.
OVERDUE = timedelta(minutes=15)
#: Above the task's time limit: a claim so old belongs to a worker that died.
STUCK = timedelta(minutes=10)
State = Submission.State


class Refused(Exception):
    """The mail server did not take the mail this time; it may be tried again."""


class Undelivered(Exception):
    """The mail server did not take the mail the last time either."""


def deliver(submission_id: int) -> str:
    """Send the submission's mail and return the state it is left in.

    At most once per submission: a conditional update takes the row from WAITING to SENDING and is committed before
    the mail is handed over, so of any number of tasks one sends. The price is paid when a worker dies, or the
    database is lost, between the server's acceptance and the commit of SENT: the row then stays in SENDING, becomes
    UNCERTAIN, and is *not* sent by itself, for a mail that is missing can be sent again by whoever reads of it in
    the admin, and a doubled one cannot be called back.

    Raises Refused where the server certainly did not take the mail and it waits for the next attempt, Undelivered
    after the last one.
    """
    submission = Submission.objects.filter(pk=submission_id, state=State.WAITING).first()
    if submission is None:
        return "nothing to do"
    connection = get_connection()
    try:
        mail = mails.compose(submission)
        # Before the row is taken: a server that can't be reached leaves nothing in doubt.
        connection.open()
    except (OSError, ValueError, MessageError, SoftTimeLimitExceeded) as error:
        raise _refusal(submission, State.WAITING, error) from error
    try:
        return _hand_over(submission, mail, connection)
    finally:
        with suppress(OSError):
            connection.close()


def _hand_over(submission: Submission, mail: EmailMessage, connection: BaseEmailBackend) -> str:
    waiting = Submission.objects.filter(pk=submission.pk, state=State.WAITING)
    if not waiting.update(state=State.SENDING, claimed_at=timezone.now()):
        return "nothing to do"
    try:
        connection.send_messages([mail])
    except Exception as error:
        if isinstance(error, OSError) and not may_have_arrived(error):
            raise _refusal(submission, State.SENDING, error) from error
        logger.exception("feedback: nobody knows whether the mail of submission %s arrived", submission.pk)
        return _settle(submission.pk, State.UNCERTAIN, last_error=describe(error))
    return _settle(submission.pk, State.SENT, last_error="", sent_at=timezone.now())


def _refusal(submission: Submission, held: State, error: Exception) -> Refused | Undelivered:
    """Count the attempt and return what to raise; ``held`` is the state that the row is in meanwhile."""
    attempts, reason = submission.attempts + 1, describe(error)
    if attempts >= MAX_ATTEMPTS:
        _settle(submission.pk, State.FAILED, held, attempts=attempts, last_error=reason)
        return Undelivered(f"submission {submission.pk}, after {attempts} attempts: {reason}")
    with transaction.atomic():
        rows = Submission.objects.filter(pk=submission.pk, state=held)
        if rows.update(state=State.WAITING, attempts=attempts, last_error=reason):
            # Should the retry get lost, the sweeper takes its place.
            due_at = timezone.now() + RETRY_DELAY + OVERDUE
            OutboxEntry.objects.filter(pk=submission.pk).update(due_at=due_at)
    return Refused(f"submission {submission.pk}, attempt {attempts} of {MAX_ATTEMPTS}: {reason}")


def _settle(submission_id: int, state: State, held: State = State.SENDING, **fields: object) -> str:
    """End the submission's way through the outbox, and return the state."""
    with transaction.atomic():
        if Submission.objects.filter(pk=submission_id, state=held).update(state=state, **fields):
            OutboxEntry.objects.filter(pk=submission_id).delete()
    return str(state)


def give_up_stuck() -> int:
    """Make UNCERTAIN what a worker took and never settled; return how many that were."""
    limit = timezone.now() - STUCK
    stuck = OutboxEntry.objects.filter(submission__state=State.SENDING, submission__claimed_at__lt=limit)
    numbers = list(stuck.values_list("pk", flat=True))
    for number in numbers:
        logger.error("feedback: a worker was lost while it sent submission %s; see the admin", number)
        _settle(number, State.UNCERTAIN, last_error="The worker was lost while it sent the mail.")
    return len(numbers)


def describe(error: Exception) -> str:
    """Return the reason in one line: the mail server's own words where it had some."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = [f"{code} {_text(reply)}" for code, reply in error.recipients.values()]
        return f"The mail server refused the recipient: {'; '.join(replies)}"[:300]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server answered: {error.smtp_code} {_text(error.smtp_error)}"[:300]
    return f"{type(error).__name__}: {error}"[:300]


def _text(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())

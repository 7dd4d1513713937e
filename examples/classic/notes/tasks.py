"""What workers do; names are those that @shared_task makes of the module's path."""

import logging
import time
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError

from notes.models import Note

logger = logging.getLogger(__name__)
#: Notes that one run of resend_overdue sends; the next one sends more.
MOST = 500


@shared_task
def process_note(number):
    """Mark the note as processed and return whether this run was the one that did; another run changes nothing."""
    note = Note.objects.filter(pk=number)
    note.update(runs=F("runs") + 1)
    seconds = note.filter(processed=None).values_list("seconds", flat=True).first()
    if seconds is None:
        return False
    time.sleep(seconds)
    # Of two runs at the same time one finds it unprocessed.
    return note.filter(processed=None).update(processed=timezone.now()) == 1


@shared_task
def resend_overdue():
    """Send again what waits for too long, because Redis or a killed worker has lost it; return how many."""
    limit = timezone.now() - timedelta(seconds=settings.NOTES_OVERDUE)
    overdue = Note.objects.filter(processed=None).annotate(since=Coalesce("sent", "created")).filter(since__lt=limit)
    sent = 0
    for number in list(overdue.order_by("pk").values_list("pk", flat=True)[:MOST]):
        if not send(number):
            break
        sent += 1
    return sent


def send(number):
    """Publish a note's task and return True; False where Redis does not take it: resend_overdue will."""
    try:
        process_note.delay(number)
    except OperationalError:
        logger.exception("the task of note %s was not taken", number)
        return False
    Note.objects.filter(pk=number).update(sent=timezone.now())
    return True

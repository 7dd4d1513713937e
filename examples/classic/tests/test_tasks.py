"""Each note is processed once, and none is forgotten."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from notes import tasks
from notes.models import Note

pytestmark = pytest.mark.django_db


def waiting(key, seconds_ago, **fields):
    """Return a note that came so long ago."""
    note = Note.objects.create(key=key, **fields)
    Note.objects.filter(pk=note.pk).update(created=timezone.now() - timedelta(seconds=seconds_ago))
    return note


def test_a_note_is_processed_by_its_first_run_alone():
    note = Note.objects.create(key="a")
    assert [tasks.process_note(note.pk) for _ in range(3)] == [True, False, False]


def test_a_second_run_is_counted_and_changes_nothing():
    note = Note.objects.create(key="a")
    tasks.process_note(note.pk)
    before = Note.objects.get().processed
    tasks.process_note(note.pk)
    note.refresh_from_db()
    assert (note.processed, note.runs) == (before, 2)


def test_of_two_runs_at_the_same_time_one_processes_it(monkeypatch):
    """The other one begins and ends while the first one works."""
    note = Note.objects.create(key="a", seconds=1)
    naps, ended = [], []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) == 1:
            ended.append(tasks.process_note(note.pk))

    monkeypatch.setattr(tasks.time, "sleep", sleep)
    assert tasks.process_note(note.pk) is False
    assert (naps, ended) == ([1, 1], [True])
    assert Note.objects.get().runs == 2


def test_a_note_that_is_gone_is_no_error():
    assert tasks.process_note(1) is False


def test_what_waits_for_too_long_is_sent_again():
    for key, ago in (("lost", settings.NOTES_OVERDUE + 1), ("waits", settings.NOTES_OVERDUE - 30)):
        waiting(key, ago)
    assert tasks.resend_overdue() == 1
    assert [note.key for note in Note.objects.exclude(processed=None)] == ["lost"]


def test_what_was_sent_again_is_given_its_time():
    waiting("slow", 2 * settings.NOTES_OVERDUE, sent=timezone.now())
    assert tasks.resend_overdue() == 0


def test_while_redis_is_away_notes_stay_overdue(no_broker):
    waiting("lost", 2 * settings.NOTES_OVERDUE)
    assert tasks.resend_overdue() == 0
    assert Note.objects.get().sent is None


def test_what_is_processed_is_never_sent_again():
    waiting("done", 2 * settings.NOTES_OVERDUE, processed=timezone.now())
    assert tasks.resend_overdue() == 0

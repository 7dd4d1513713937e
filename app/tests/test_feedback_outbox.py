"""What is stored is published, whatever happens to the broker in between."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone
from feedback_rows import make_submission

from core.publishing import NotConfirmed
from feedback import outbox
from feedback.models import OutboxEntry, Submission
from feedback.services import submit
from feedback.tasks import send_feedback_email_task, sweep_outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission():
    return make_submission()


@pytest.mark.parametrize("task", [send_feedback_email_task, sweep_outbox])
def test_mail_has_a_queue_of_its_own(task):
    assert current_app.amqp.router.route({}, task.name)["queue"].name == "mail"


def test_nothing_is_lost_while_the_broker_is_away(client, worker, mailbox, broker_url, until):
    broker_url("amqp://u:p@127.0.0.1:1/garden")
    form = {"email": "ann@example.com", "message": "Hello"}
    assert client.post("/feedback/", form)["Location"] == "/feedback/thanks/"
    # the sweeper may meet the same broker, and gives up after the first refusal
    OutboxEntry.objects.update(due_at=timezone.now())
    assert sweep_outbox() == {"published": 0, "uncertain": 0}
    broker_url("")
    OutboxEntry.objects.update(due_at=timezone.now())
    assert sweep_outbox() == {"published": 1, "uncertain": 0}
    until(lambda: Submission.objects.get().state == "sent")
    assert len(mailbox.mails) == 1
    assert sweep_outbox() == {"published": 0, "uncertain": 0}


def test_a_sweep_stops_at_the_first_refusal(monkeypatch):
    tries = []

    def refuse(task, kwargs):
        tries.append(kwargs)
        raise NotConfirmed("OperationalError")

    monkeypatch.setattr(outbox, "publish", refuse)
    for _ in range(3):
        make_submission()
    assert outbox.sweep()["published"] == 0
    assert len(tries) == 1


def test_what_is_confirmed_and_still_waits_is_published_again_when_it_is_overdue(published):
    row = submit("ann@example.com", "Hello")
    assert timedelta(minutes=14) < OutboxEntry.objects.get().due_at - timezone.now() < timedelta(minutes=16)
    assert outbox.sweep()["published"] == 0
    OutboxEntry.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert outbox.sweep()["published"] == 1
    assert [message["kwargs"]["submission_id"] for message in published] == [row.pk, row.pk]
    assert outbox.sweep()["published"] == 0


def test_an_entry_is_published_by_one_of_two_sweepers(published, submission):
    entry = submission.outbox_entry
    assert [outbox.publish_entry(entry), outbox.publish_entry(entry)] == [True, False]
    assert len(published) == 1


def test_a_task_that_was_faster_than_its_confirmation_keeps_its_own_date(monkeypatch, submission):
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(outbox, "publish", lambda *_: OutboxEntry.objects.update(due_at=later))
    assert outbox.publish_entry(submission.outbox_entry) is True
    assert OutboxEntry.objects.get().due_at == later

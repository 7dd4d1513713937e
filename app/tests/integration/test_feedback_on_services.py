"""Feedback with two workers, a mail server, and a broker that goes away in between."""

import pytest
from celery.result import AsyncResult
from django.utils import timezone
from django_celery_results.models import TaskResult

from core.publishing import publish
from feedback.models import OutboxEntry, Submission
from feedback.tasks import send_feedback_email_task, sweep_outbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def workers(start_worker):
    """Two of them, on the same queues."""
    with start_worker("first") as first, start_worker("second") as second:
        yield {first.node, second.node}


def send(client, message):
    response = client.post("/feedback/", {"email": "ann@example.com", "message": message})
    assert response["Location"] == "/feedback/thanks/"


def sweep():
    """Sweep as beat does later, when all is due."""
    OutboxEntry.objects.update(due_at=timezone.now())
    return sweep_outbox()["published"]


def is_sent(count):
    return Submission.objects.filter(state="sent").count() == count


def test_what_is_given_while_the_broker_is_away_is_mailed_once_when_it_is_back(
    client, mailbox, proxy, broker_url, until
):
    broker_url(proxy.url)
    send(client, "before")
    until(lambda: is_sent(1))
    proxy.cut()
    send(client, "meanwhile")
    assert sweep() == 0
    assert Submission.objects.get(message="meanwhile").state == "waiting"
    proxy.mend()
    assert sweep() == 1
    until(lambda: is_sent(2))
    assert sweep() == 0
    texts = [mail.get_body(("plain",)).get_content() for mail in mailbox.mails]
    assert [sum(word in text for text in texts) for word in ("before", "meanwhile")] == [1, 1]


def test_of_many_tasks_on_two_workers_one_sends(mailbox, workers):
    rows = [Submission.objects.create(email="ann@example.com", message=f"number {n}") for n in range(5)]
    for row in rows:
        OutboxEntry.objects.create(submission=row, due_at=timezone.now())
    ids = [
        publish(send_feedback_email_task, {"submission_id": row.pk}, ignore_result=False)
        for _ in range(6)
        for row in rows
    ]
    outcomes = [AsyncResult(task_id).get(timeout=20) for task_id in ids]
    assert sorted(outcomes) == ["nothing to do"] * 25 + ["sent"] * 5
    assert set(TaskResult.objects.values_list("worker", flat=True)) == workers
    assert len(mailbox.mails) == 5
    assert not OutboxEntry.objects.exists()

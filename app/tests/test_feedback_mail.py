"""One mail per submission, whatever the broker, the mail server and the workers do."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.exceptions import Retry, SoftTimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone
from feedback_rows import make_submission

from core.mail import EmailBackend
from feedback import delivery, mails
from feedback.models import OutboxEntry, Submission
from feedback.tasks import send_feedback_email_task, sweep_outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission():
    return make_submission()


@pytest.fixture
def run(published):
    """Run a submission's task as a worker does; return its result, or after how many seconds it is retried."""
    task = send_feedback_email_task

    def run(submission):
        kwargs = {"submission_id": submission.pk}
        task.push_request(id="x", called_directly=False, retries=0, args=(), kwargs=kwargs, delivery_info={})
        try:
            return task.run(**kwargs)
        except Retry:
            return published.pop()["countdown"]
        finally:
            task.pop_request()
            submission.refresh_from_db()

    return run


def test_the_mail_has_subject_text_and_html_and_is_answered_to_the_visitor(mailbox, submission, run):
    assert run(submission) == "sent"
    (received,) = mailbox.mails
    assert received["Subject"] == f"Feedback {submission.pk} from ann@example.com"
    assert (received["To"], received["From"]) == ("team@example.com", "garden@example.com")
    assert received["Reply-To"] == "ann@example.com"
    text, html = received.get_body(("plain",)).get_content(), received.get_body(("html",)).get_content()
    assert "ann@example.com wrote on" in text and "Hello <team> & all\r\n\r\nBye" in text
    assert "<p>Hello &lt;team&gt; &amp; all</p>" in html and "mailto:ann@example.com" in html
    assert (submission.state, submission.attempts, submission.last_error) == ("sent", 0, "")
    assert submission.sent_at and not OutboxEntry.objects.exists()


@pytest.mark.parametrize(
    ("feedback_to", "admins", "expected"),
    [
        (["x@example.com", "y@example.com"], [("A", "a@example.com")], ["x@example.com", "y@example.com"]),
        ([], [("A", "a@example.com")], ["a@example.com"]),
        ([], [], ["from@example.com"]),
    ],
)
def test_somebody_always_gets_the_feedback(settings, feedback_to, admins, expected):
    settings.FEEDBACK_TO, settings.ADMINS, settings.DEFAULT_FROM_EMAIL = feedback_to, admins, "from@example.com"
    assert mails.recipients() == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\u2028"])
def test_an_address_that_slipped_through_cannot_add_a_header(mailbox, end, run):
    forged = make_submission(email=f"ann@example.com{end}Bcc: victim@example.com")
    run(forged)
    assert "Bcc" not in "".join(str(received.keys()) for received in mailbox.mails)
    assert forged.state in ("waiting", "sent")


def test_a_task_that_runs_twice_sends_once(mailbox, submission, run):
    assert [run(submission), run(submission)] == ["sent", "nothing to do"]
    assert len(mailbox.mails) == 1 and mailbox.asked == 1


def test_a_task_for_a_deleted_submission_has_nothing_to_do(mailbox, submission):
    number = submission.pk
    submission.delete()
    assert delivery.deliver(number) == "nothing to do"


@pytest.mark.django_db(transaction=True)
def test_of_tasks_that_run_at_once_one_sends(mailbox, monkeypatch):
    row = make_submission()
    everyone_is_connected, results = threading.Barrier(4), []

    class Together(EmailBackend):
        def open(self):
            if opened := super().open():
                everyone_is_connected.wait(10)
            return opened

    monkeypatch.setattr(delivery, "get_connection", Together)

    def work():
        from django.db import connection

        results.append(delivery.deliver(row.pk))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["nothing to do"] * 3 + ["sent"]
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("451", "The mail server answered: 451 4.3.0 Please try later"),
        ("550", "The mail server refused the recipient: 550 5.1.1 No such mailbox here"),
        ("refuse at once", "The mail server answered: 554 5.7.1 You are not welcome"),
        ("drop before the message", "NotHandedOver"),
        ("hang at once", "NotHandedOver"),
    ],
)
def test_what_the_server_did_not_take_is_retried_after_ten_minutes(mailbox, submission, behaviour, reason, run):
    mailbox.behaviour = behaviour
    began = timezone.now()
    assert run(submission) == 600
    assert (submission.state, submission.attempts) == ("waiting", 1)
    assert submission.last_error.startswith(reason)
    # the sweeper stands by for a retry that gets lost, and not earlier
    assert submission.outbox_entry.due_at - began > timedelta(minutes=15)
    mailbox.behaviour = "accept"
    assert run(submission) == "sent"
    assert len(mailbox.mails) == 1


def test_a_server_that_is_away_is_tried_again_up_to_the_limit(settings, mailbox, submission, run):
    settings.EMAIL_PORT = 1
    delays = [run(submission) for _ in range(delivery.MAX_ATTEMPTS - 1)]
    assert delays == [600] * 6
    assert OutboxEntry.objects.exists()
    with pytest.raises(delivery.Undelivered, match=r"after 7 attempts: ConnectionRefusedError"):
        run(submission)
    submission.refresh_from_db()
    assert (submission.state, submission.attempts) == ("failed", 7)
    assert "Connection refused" in submission.last_error
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize("behaviour", ["drop after the message", "hang after the message"])
def test_a_mail_that_may_have_arrived_is_never_sent_again_by_itself(mailbox, submission, behaviour, caplog, run):
    mailbox.behaviour = behaviour
    assert run(submission) == "uncertain"
    mailbox.behaviour = "accept"
    assert run(submission) == "nothing to do"
    assert len(mailbox.mails) == mailbox.asked == 1
    assert submission.state == "uncertain" and submission.last_error
    assert "nobody knows" in caplog.text
    assert not OutboxEntry.objects.exists()


def test_a_worker_that_dies_between_acceptance_and_commit_doubles_nothing(mailbox, submission, monkeypatch, run):
    def die(*args, **kwargs):
        raise OperationalError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_settle", die)
        with pytest.raises(OperationalError):
            run(submission)
    submission.refresh_from_db()
    assert (submission.state, len(mailbox.mails)) == ("sending", 1)
    # the broker delivers the task again
    assert run(submission) == "nothing to do"
    assert sweep_outbox()["uncertain"] == 0
    Submission.objects.update(claimed_at=timezone.now() - delivery.STUCK - timedelta(seconds=1))
    assert sweep_outbox() == {"published": 0, "uncertain": 1}
    assert run(submission) == "nothing to do"
    assert (submission.state, len(mailbox.mails)) == ("uncertain", 1)


def test_a_time_limit_while_connecting_counts_as_an_attempt(mailbox, submission, monkeypatch, run):
    def too_slow(**_):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(delivery, "get_connection", lambda: SimpleNamespace(open=too_slow))
    assert run(submission) == 600
    assert submission.attempts == 1


@pytest.mark.parametrize("attempts", [0, delivery.MAX_ATTEMPTS - 1])
def test_a_task_that_fails_leaves_the_row_to_the_one_that_sends(monkeypatch, attempts):
    row = make_submission(attempts=attempts)

    def another_task_is_faster():
        Submission.objects.update(state="sending")
        raise ConnectionRefusedError

    monkeypatch.setattr(delivery, "get_connection", lambda: SimpleNamespace(open=another_task_is_faster))
    with pytest.raises((delivery.Refused, delivery.Undelivered)):
        delivery.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == ("sending", attempts, "")
    assert OutboxEntry.objects.exists()


def test_stuck_is_above_what_a_task_may_take():
    assert delivery.STUCK.total_seconds() > send_feedback_email_task.time_limit


def test_without_our_backend_a_broken_connection_counts_as_uncertain(settings, mailbox, submission, run):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    mailbox.behaviour = "drop before the message"
    assert run(submission) == "uncertain"

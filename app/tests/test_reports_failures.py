"""What becomes of a report that does not go well, and of its mail."""

import smtplib
import time

import pytest
from celery import current_app, states
from celery.exceptions import Retry, SoftTimeLimitExceeded
from django.contrib.auth import get_user_model
from django.core import mail
from report_parts import LINK, SEARCH, page, repository, run
from upstream_server import Reply, as_json

from reports import selectors, work
from reports.models import Report
from reports.tasks import build_report_task, crawler_repos, send_ready_mail
from upstream.errors import PermanentError, TemporaryError

BAD_ANSWERS = {
    "a rate limit": Reply(status=429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
    "a rate limit as a refusal": Reply(status=403, headers={"Retry-After": "30"}),
    "a server error": Reply(status=500),
    "half an object": Reply(b'{"items": ['),
    "an answer that breaks off": Reply(b"{}", missing=50),
    "a web page": Reply(b"<html>", content_type="text/html"),
    "another object": as_json({"message": "hello"}),
    "no list": as_json({"items": {}}),
    "no objects": as_json({"items": ["a"]}),
    "no name": page(repository(None)),
    "a number for a text": page(repository("a", description=7)),
}


@pytest.mark.parametrize("reply", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_what_may_pass_is_tried_again_and_then_fails_in_words(report, upstream, published, reply):
    upstream.answer(SEARCH, reply)
    with pytest.raises(Retry):
        run(crawler_repos, report, retries=0)
    (message,) = published
    assert (message["name"], message["retries"]) == ("reports.crawler_repos", 1)
    (shown,) = selectors.listing()
    assert shown.state == states.RETRY
    assert "127.0.0.1" in shown.problem
    assert "Next try at" in shown.problem
    with pytest.raises(TemporaryError):
        run(crawler_repos, report, retries=crawler_repos.max_retries)
    (shown,) = selectors.listing()
    assert shown.state == states.FAILURE
    assert "127.0.0.1" in shown.problem
    assert "Next try" not in shown.problem


def test_the_moment_that_the_upstream_names_is_kept(report, upstream, published):
    upstream.answer(SEARCH, Reply(status=403, headers={"X-RateLimit-Reset": str(int(time.time()) + 300)}))
    with pytest.raises(Retry):
        run(crawler_repos, report, retries=0)
    assert 299 <= published[0]["countdown"] <= 310


def test_a_refusal_fails_at_once(report, upstream, published):
    upstream.answer(SEARCH, Reply(status=401))
    with pytest.raises(PermanentError):
        run(crawler_repos, report, retries=0)
    assert published == []
    assert Report.objects.get().problem == "127.0.0.1 answered 401 (Unauthorized)."


@pytest.mark.parametrize(
    ("error", "words"),
    [(SoftTimeLimitExceeded(), "The work took too long."), (KeyError("secret"), "The work failed (KeyError).")],
)
def test_any_other_failure_is_put_into_words_too(report, monkeypatch, error, words):
    def fail(_):
        raise error

    monkeypatch.setattr("reports.work.crawl", fail)
    with pytest.raises(type(error)):
        run(crawler_repos, report)
    assert Report.objects.get().problem == words


def test_a_failed_report_that_is_taken_up_after_all_becomes_ready(report, upstream, published):
    Report.objects.update(problem="The broker did not confirm the task.", ended_at=report.requested_at)
    upstream.answer(SEARCH, page(repository("a")))
    run(crawler_repos, report)
    assert Report.objects.get().ended_at is None
    run(build_report_task, report)
    assert selectors.listing()[0].state == states.SUCCESS


def test_the_owner_is_told_once(report, upstream, published):
    upstream.answer(SEARCH, page(repository("a")))
    work.crawl(report.pk)
    run(build_report_task, report)
    assert published[0]["name"] == "reports.send_ready_mail"
    kwargs = published[0]["kwargs"]
    assert [send_ready_mail.run(**kwargs), send_ready_mail.run(**kwargs)] == [True, False]
    (message,) = mail.outbox
    assert message.to == ["ann@garden.test"]
    assert message.subject == "Your report on Python is ready"
    assert "1 repository," in message.body
    assert f"{LINK}?q={report.task_id}" in message.body


def test_crawls_do_not_hold_up_other_tasks_nor_mail(published):
    def queue(task):
        return current_app.amqp.router.route({}, task.name)["queue"].name

    assert [queue(task) for task in (crawler_repos, build_report_task, send_ready_mail)] == ["slow", "slow", "mail"]


def test_nobody_is_told_where_there_is_no_address(report):
    get_user_model().objects.update(email="")
    assert send_ready_mail.run(report_id=report.pk, dashboard_url=LINK) is False
    Report.objects.update(owner=None)
    assert send_ready_mail.run(report_id=report.pk, dashboard_url=LINK) is False
    report.delete()
    assert send_ready_mail.run(report_id=1, dashboard_url=LINK) is False
    assert mail.outbox == []


def test_mail_that_fails_is_tried_again_and_the_report_stays_ready(report, upstream, published, monkeypatch):
    upstream.answer(SEARCH, page(repository("a")))
    work.crawl(report.pk)
    work.build(report.pk)

    def refuse(*_, **__):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as away:
        away.setattr("reports.mail.send_mail", refuse)
        with pytest.raises(Retry):
            run(send_ready_mail, report, retries=0)
    assert published[0]["name"] == "reports.send_ready_mail"
    assert selectors.listing()[0].state == states.SUCCESS
    assert run(send_ready_mail, report, retries=1) is True
    assert len(mail.outbox) == 1


def test_a_mail_that_can_not_be_queued_does_not_fail_the_report(report, upstream, monkeypatch):
    upstream.answer(SEARCH, page(repository("a")))
    work.crawl(report.pk)

    def refuse(**_):
        raise ConnectionError

    monkeypatch.setattr("reports.tasks.send_ready_mail.delay", refuse)
    assert run(build_report_task, report) == 1
    assert Report.objects.get().problem == ""

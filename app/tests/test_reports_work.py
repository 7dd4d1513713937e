"""Crawling, building and telling: what the workers do."""

import csv
import io
import smtplib
import threading
import time

import pytest
from celery import states
from celery.exceptions import Retry, SoftTimeLimitExceeded
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from upstream_server import Reply, as_json

from files.selectors import local_path
from reports import selectors, work
from reports.models import Report
from reports.tasks import build_report_task, crawler_repos, send_ready_mail
from upstream.errors import PermanentError, TemporaryError

SEARCH = "/search/repositories"
LINK = "https://garden.test/reports/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def report(db):
    owner = get_user_model().objects.create_user("ann", email="ann@garden.test")
    return Report.objects.create(task_id="b" * 36, crawl_task_id="c" * 36, language="Python", owner=owner)


def repository(name, **changes):
    fields = {"name": name, "full_name": f"org/{name}", "html_url": f"https://code.test/{name}", "description": "d"}
    return {**fields, "stars": 3, **changes}


def page(*repositories, **more):
    return as_json({"total_count": 99, "items": list(repositories)}, **more)


def rows(report):
    return list(csv.reader(io.StringIO(local_path(report.stored_name).read_bytes().decode(), newline="")))


def run(task, report, **request):
    """Run the task as a worker would, after ``retries`` repetitions, and call its failure handler."""
    kwargs = {"report_id": report.pk} | ({} if task is crawler_repos else {"dashboard_url": LINK})
    task.push_request(id="x", called_directly=False, args=(), kwargs=kwargs, delivery_info={}, **request)
    try:
        return task.run(**kwargs)
    except Retry:
        raise
    except Exception as error:
        task.on_failure(error, "x", (), kwargs, None)
        raise
    finally:
        task.pop_request()


def test_all_pages_are_crawled_by_stars_and_built_into_one_file(report, upstream, settings, published):
    settings.REPORTS_API_TOKEN = "t0ken"
    upstream.answer(SEARCH, page(repository("a"), repository("b")), page(repository("c", description=None)))
    assert run(crawler_repos, report) == 2
    assert run(build_report_task, report) == 3
    report.refresh_from_db()
    assert (report.rows, report.problem) == (3, "")
    assert rows(report) == [
        ["name", "full_name", "html_url", "description"],
        ["a", "org/a", "https://code.test/a", "d"],
        ["b", "org/b", "https://code.test/b", "d"],
        ["c", "org/c", "https://code.test/c", ""],
    ]
    assert report.stored_name.endswith(f"github-repos-{report.task_id}.csv")
    first, second = (seen.query for seen in upstream.seen)
    assert first == {"q": 'language:"Python"', "sort": "stars", "order": "desc", "per_page": "2", "page": "1"}
    assert second["page"] == "2"
    assert upstream.seen[0].headers["Authorization"] == "Bearer t0ken"


def test_no_token_is_sent_where_there_is_none(report, upstream):
    upstream.answer(SEARCH, page())
    work.crawl(report.pk)
    assert "Authorization" not in upstream.seen[0].headers


def test_a_language_without_repositories_makes_a_file_with_a_heading(report, upstream, published):
    upstream.answer(SEARCH, page())
    work.crawl(report.pk)
    assert work.build(report.pk) == 0
    assert len(rows(report)) == 1


def test_the_crawl_ends_at_what_the_code_host_shows(report, upstream):
    upstream.answer(SEARCH, page(repository("a"), repository("b")))
    assert work.crawl(report.pk) == len(upstream.seen) == 10


def test_a_repository_on_two_pages_is_one_row(report, upstream):
    upstream.answer(SEARCH, page(repository("a"), repository("b")), page(repository("b")))
    work.crawl(report.pk)
    assert work.build(report.pk) == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(report, upstream, start):
    upstream.answer(SEARCH, page(repository("a", description=f"{start}HYPERLINK(1)")))
    work.crawl(report.pk)
    work.build(report.pk)
    assert rows(report)[1][3] == f"'{start}HYPERLINK(1)"


def test_any_text_arrives_in_the_file(report, upstream):
    odd = 'a,"b"\nc; ü 🌱'
    upstream.answer(SEARCH, page(repository("a", description=odd), repository("b", description="x\0\ud800y")), page())
    work.crawl(report.pk)
    work.build(report.pk)
    assert [row[3] for row in rows(report)[1:]] == [odd, "x?y"]


def test_a_crawl_that_is_tried_again_goes_on_behind_its_last_page(report, upstream, published):
    upstream.answer(SEARCH, page(repository("a"), repository("b")), Reply(status=500), page(repository("c")))
    with pytest.raises(Retry):
        run(crawler_repos, report, retries=0)
    assert run(crawler_repos, report, retries=1) == 2
    assert [seen.query["page"] for seen in upstream.seen] == ["1", "2", "2"]


def test_both_tasks_may_run_twice(report, upstream, published):
    upstream.answer(SEARCH, page(repository("a")))
    for _ in range(2):
        run(crawler_repos, report)
    for _ in range(2):
        assert run(build_report_task, report) == 1
    assert run(crawler_repos, report) == 0
    assert len(upstream.seen) == 1
    assert len(rows(report)) == 2
    assert Report.objects.get().rows == 1


@pytest.mark.django_db(transaction=True)
def test_two_builds_at_once_make_one_file_with_everything(report, upstream):
    upstream.answer(SEARCH, page(repository("a")))
    work.crawl(report.pk)
    results = []

    def build():
        try:
            results.append(work.build(report.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [1, 1, 1, 1]
    assert len(rows(report)) == 2


def test_nothing_is_done_for_a_report_that_was_deleted(report, upstream, published):
    key = report.pk
    report.delete()
    assert work.crawl(key) == 0
    assert build_report_task.run(report_id=key, dashboard_url=LINK) == 0
    assert upstream.seen == []


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
    assert published[0]["queue"] == "mail" or published[0]["queue"].name == "mail"
    kwargs = published[0]["kwargs"]
    assert [send_ready_mail.run(**kwargs), send_ready_mail.run(**kwargs)] == [True, False]
    (message,) = mail.outbox
    assert message.to == ["ann@garden.test"]
    assert message.subject == "Your report on Python is ready"
    assert "1 repository," in message.body
    assert f"{LINK}?q={report.task_id}" in message.body


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

"""Crawling and building: what the workers do."""

import threading

import pytest
from celery.exceptions import Retry
from django.db import connection
from report_parts import LINK, SEARCH, page, repository, rows, run
from upstream_server import Reply

from reports import work
from reports.models import Report
from reports.tasks import build_report_task, crawler_repos


def test_all_pages_are_crawled_by_stars_and_built_into_one_file(report, upstream, settings, published):
    settings.REPORTS_API_TOKEN = "t0ken"
    settings.REPORTS_API_URL += "/"
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


def test_a_crawl_that_is_tried_again_goes_on_behind_its_last_page(report, upstream, published):
    upstream.answer(SEARCH, page(repository("a"), repository("b")), Reply(status=500), page(repository("c")))
    with pytest.raises(Retry):
        run(crawler_repos, report, retries=0)
    assert run(crawler_repos, report, retries=1) == 2
    assert [seen.query["page"] for seen in upstream.seen] == ["1", "2", "2"]

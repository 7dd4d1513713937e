"""The table of reports: states, search, order, pages."""

import re
from datetime import timedelta

import pytest
from celery import current_app, states
from django.utils import timezone
from report_parts import make, ready

from reports import selectors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def languages(page):
    return re.findall(r'data-label="Language">([^<]+)<', page)


@pytest.mark.parametrize(
    ("fields", "build", "crawl", "state"),
    [
        ({}, None, None, states.PENDING),
        ({}, None, states.STARTED, states.STARTED),
        ({}, None, states.SUCCESS, states.STARTED),
        ({}, states.STARTED, states.SUCCESS, states.STARTED),
        ({"problem": "x"}, None, states.RETRY, states.RETRY),
        ({"problem": "x"}, None, None, states.RETRY),
        ({"problem": "x"}, states.FAILURE, states.FAILURE, states.FAILURE),
        ({"problem": "x", "ended_at": timezone.now()}, None, None, states.FAILURE),
        ({}, states.REVOKED, states.REVOKED, states.REVOKED),
        ({"rows": 1, "ended_at": timezone.now()}, None, None, states.SUCCESS),
        ({"requested_at": timezone.now() - timedelta(hours=4)}, None, None, states.FAILURE),
        ({"requested_at": timezone.now() - timedelta(hours=4)}, None, states.STARTED, states.FAILURE),
    ],
)
def test_the_state_is_that_of_the_tasks_and_comes_to_an_end(client, fields, build, crawl, state):
    report = make(**fields)
    for task_id, status in ((report.task_id, build), (report.crawl_task_id, crawl)):
        if status:
            current_app.backend.store_result(task_id, None, status)
    assert selectors.listing().get().state == state
    page = client.get("/reports/").text
    assert f'data-state="{state}">{state.title()}<' in page
    assert ("every 3s" in page) is (state in selectors.OPEN_STATES)
    assert ("Start the report again" in page) is (state == states.FAILURE and not fields.get("problem"))


def test_the_table_is_searched_on_the_server(client):
    ready("Rust")
    report = make("Ruby")
    make("Go", problem="no", ended_at=timezone.now())
    assert sorted(languages(client.get("/reports/?q=RU").text)) == ["Ruby", "Rust"]
    assert languages(client.get("/reports/?q=failure").text) == ["Go"]
    assert languages(client.get(f"/reports/?q={report.task_id[:9]}").text) == ["Ruby"]
    assert "No report matches “50%&lt;”." in client.get("/reports/?q=50%25<").text
    assert client.get("/reports/?q=%00").status_code == 200


def test_the_table_is_sorted_on_the_server(client):
    ready("Go", rows=5)
    ready("C", rows=9)
    make("Lua")
    page = client.get("/reports/").text
    assert languages(page) == ["Lua", "C", "Go"]
    assert 'aria-sort="descending"><a id="sort-requested_at" href="?sort=requested_at"' in page
    assert languages(client.get("/reports/?sort=language").text) == ["C", "Go", "Lua"]
    assert languages(client.get("/reports/?sort=-rows").text) == ["C", "Go", "Lua"]
    assert languages(client.get("/reports/?sort=rows").text) == ["Go", "C", "Lua"]
    assert languages(client.get("/reports/?sort=state").text)[0] == "Lua"
    assert languages(client.get("/reports/?sort=owner__password").text) == ["Lua", "C", "Go"]
    page = client.get("/reports/?sort=language&q=u&page=1").text
    assert 'href="?sort=-language&amp;q=u"' in page


def test_the_table_is_paged_on_the_server(client, django_assert_max_num_queries):
    for _ in range(23):
        make("Go")
    page = client.get("/reports/?sort=language").text
    assert len(languages(page)) == 10
    assert "1 to 10 of 23" in page
    assert 'rel="next" href="?sort=language&amp;page=2"' in page
    with django_assert_max_num_queries(3):
        assert len(languages(client.get("/reports/?page=3").text)) == 3
    assert len(languages(client.get("/reports/?page=99").text)) == 3
    assert "1 to 10 of 23" in client.get("/reports/?page=x").text

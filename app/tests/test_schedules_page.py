"""The staff's page of schedules."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask

from schedules.selectors import next_run
from schedules.services import install
from tests.schedule_entries import ADD, entry, forget_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    forget_all()


@pytest.fixture
def staff(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def test_the_page_is_for_staff(client):
    assert client.get("/schedules/")["Location"] == "/sign-in/?next=/schedules/"
    client.force_login(get_user_model().objects.create_user("ann"))
    assert client.get("/schedules/").status_code == 302
    assert "Schedules" not in re.findall(r">(\w+)</a>", client.get("/").text)


def test_the_page_lists_schedules_with_their_runs_and_leads_to_the_admin(staff):
    assert "There are none yet" in staff.get("/schedules/").text
    install()
    PeriodicTask.objects.filter(name=ADD).update(
        last_run_at=timezone.now() - timedelta(seconds=10), total_run_count=1234
    )
    disabled = entry("add(50, 50) by crontab in Taipei")
    disabled.enabled = False
    disabled.save()
    page = staff.get("/schedules/").text
    rows = {name: row for row, name in re.findall(r"(<tr>\s*<td[^>]*><span><a [^>]*>([^<]+)</a>.*?</tr>)", page, re.S)}
    assert set(rows) == set(PeriodicTask.objects.values_list("name", flat=True))
    assert f'href="/admin/django_celery_beat/periodictask/{entry().pk}/change/"' in rows[ADD]
    assert ">every 30 seconds<" in rows[ADD]
    assert ">1234<" in rows[ADD]
    assert "disabled" in rows[disabled.name]
    assert "not yet" in rows[disabled.name]
    assert "Asia/Taipei" in rows[disabled.name]
    assert 'href="/admin/django_celery_beat/periodictask/add/"' in page


def test_the_page_asks_once_however_many_there_are(staff):
    install()
    staff.get("/schedules/")
    with CaptureQueriesContext(connection) as queries:
        staff.get("/schedules/")
    assert sum("django_celery_beat" in query["sql"] for query in queries) == 1


NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """It is noon on 18 November 2026, for schedules too."""
    monkeypatch.setattr("django_celery_beat.models.now", lambda: NOW)
    monkeypatch.setattr(
        "django_celery_beat.tzcrontab.datetime",
        type("Noon", (datetime,), {"now": classmethod(lambda c, tz: NOW.astimezone(tz))}),
    )


def test_the_next_run_of_an_interval(clock):
    every = IntervalSchedule(every=30, period="seconds")
    task = PeriodicTask(interval=every, last_run_at=NOW - timedelta(seconds=10), enabled=True)
    assert next_run(task, NOW) == NOW + timedelta(seconds=20)
    task.last_run_at = NOW - timedelta(seconds=40)
    assert next_run(task, NOW) <= NOW
    task.last_run_at, task.date_changed = None, NOW
    assert next_run(task, NOW) == NOW + timedelta(seconds=30)


def test_the_next_run_of_a_crontab(clock):
    crontab = CrontabSchedule(hour="8", minute="50", timezone=ZoneInfo("Asia/Taipei"))
    task = PeriodicTask(crontab=crontab, last_run_at=NOW - timedelta(days=1), enabled=True)
    task.last_run_at = datetime(2026, 11, 18, 0, 50, tzinfo=UTC)
    assert next_run(task, NOW) == datetime(2026, 11, 19, 0, 50, tzinfo=UTC)


def test_what_never_runs_has_no_next_run(clock):
    every = IntervalSchedule(every=30, period="seconds")
    known = {"last_run_at": NOW, "date_changed": NOW}
    assert next_run(PeriodicTask(interval=every, enabled=False, **known), NOW) is None
    assert next_run(PeriodicTask(enabled=True, **known), NOW) is None
    assert next_run(PeriodicTask(interval=every, enabled=True, expires=NOW, **known), NOW) is None
    later = NOW + timedelta(days=2)
    assert next_run(PeriodicTask(interval=every, enabled=True, start_time=later, **known), NOW) == later


def test_clocked_schedules_and_those_without_one_are_shown_too(staff):
    once = ClockedSchedule.objects.create(clocked_time=timezone.now() + timedelta(hours=1))
    PeriodicTask.objects.create(name="once", task="canvas.add", clocked=once, one_off=True)
    page = staff.get("/schedules/").text
    assert ">once<" in page
    assert f"{once.clocked_time:%Y-%m-%d %H:%M}" in page

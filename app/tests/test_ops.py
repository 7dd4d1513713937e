"""The operations page: who may see it, and what it says whatever is away."""

import re
import threading
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from core import bounded
from core.publishing import NotConfirmed
from ops import beat, parts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(bounded, "_latest", {})


@pytest.fixture
def staff(client):
    client.force_login(get_user_model().objects.create_user("ann", is_staff=True))
    return client


@pytest.fixture
def service(monkeypatch, broker_url):
    """A function that sets what one question is answered; the application has a broker."""
    broker_url("amqp://u:secret@127.0.0.1:1/garden")

    def answer(name, value):
        def ask():
            if isinstance(value, Exception):
                raise value
            return value

        monkeypatch.setitem(parts.QUESTIONS, name, ask)

    answer("queues", {"queues": [{"name": "mail", "ready": 7, "consumers": 2}], "unacknowledged": None})
    answer("workers", [WORKER])
    answer("server", "RabbitMQ 4.0.5")
    return answer


WORKER = {
    "name": "default@host",
    "queues": ["default", "mail"],
    "concurrency": 2,
    "running": [{"name": "tasks.create_task", "since": 0}],
    "prefetched": 3,
    "memory_kib": 86016,
    "uptime": 7300,
    "unacknowledged": {"mail": 4},
}


def cells(page):
    """The cells of all tables: rows of label and text."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    found = [re.findall(r'<td data-label="(\w+)">(.*?)</td>', row, re.DOTALL) for row in rows]
    return [{label: re.sub(r"<[^>]+>|\s+", " ", text).strip() for label, text in row} for row in found if row]


def part(client, name):
    response = client.get(f"/ops/parts/{name}/", headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.text


def test_visitors_are_sent_to_the_sign_in_and_come_back(client):
    assert client.get("/ops/?a=1")["Location"] == "/sign-in/?next=/ops/%3Fa%3D1"
    client.force_login(get_user_model().objects.create_user("bob"))
    assert client.get("/ops/").status_code == 302
    assert client.get("/ops/parts/queues/").status_code == 302


def test_a_part_that_asks_after_the_session_ended_reloads_the_page(client):
    response = client.get("/ops/parts/queues/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert "Queues" not in response.text


def test_the_page_has_every_part_at_once_and_each_renews_itself(staff, service):
    response = staff.get("/ops/")
    page = response.text
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == ["Queues", "Workers", "Last hour", "Beat", "Versions"]
    assert re.findall(r'hx-get="([^"]+)" hx-trigger="every \d+s"', page) == [f"/ops/parts/{n}/" for n in parts.PARTS]
    for name in parts.PARTS:
        assert f'id="ops-{name}-title"' in part(staff, name)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://", page)


def test_an_answer_that_serves_again_says_how_old_it_is(staff, service, monkeypatch):
    first = parts.contexts(["workers"])[0]["as_of"]
    monkeypatch.setattr(time, "monotonic", lambda clock=time.monotonic: clock() + 4)
    assert parts.contexts(["workers"])[0]["as_of"] - first < timezone.timedelta(seconds=-3)


def test_an_unknown_part_is_not_found(staff):
    assert staff.get("/ops/parts/nope/").status_code == 404
    assert staff.post("/ops/").status_code == 405


def test_queues_show_depth_consumers_and_what_the_workers_hold(staff, service):
    page = part(staff, "queues")
    assert cells(page) == [{"Queue": "mail", "Waiting": "7", "Consumers": "2", "Unacked": "4"}]
    assert "the workers say" in page and "management API" in page


def test_a_queue_that_does_not_exist_is_named(staff, service):
    service("queues", {"queues": [{"name": "mail", "ready": None, "consumers": None}], "unacknowledged": None})
    service("workers", NotConfirmed("OperationalError"))
    (row,) = cells(part(staff, "queues"))
    assert row == {"Queue": "mail", "Waiting": "does not exist", "Consumers": "unknown", "Unacked": "unknown"}


def test_on_redis_consumers_are_the_workers_that_serve_the_queue(staff, service):
    service("queues", {"queues": [{"name": "mail", "ready": 0, "consumers": None}], "unacknowledged": 5})
    page = part(staff, "queues")
    assert cells(page) == [{"Queue": "mail", "Waiting": "0", "Consumers": "1", "Unacked": "4"}]
    assert "Redis holds 5 unacknowledged messages" in page


def test_workers_show_what_they_run_and_take(staff, service):
    service("workers", [WORKER | {"running": [{"name": "tasks.create_task", "since": time.time() - 30}]}])
    (row,) = cells(part(staff, "workers"))
    assert row == {
        "Worker": "default@host",
        "Queues": "default, mail",
        "Processes": "2",
        "Running": "tasks.create_task, 30 s",
        "Prefetched": "3",
        "Memory": "84 MiB",
        "Up": "2 h",
    }


def test_a_worker_that_is_idle_drains_and_cannot_tell_is_shown_too(staff, service):
    service("workers", [WORKER | {"running": [], "queues": [], "memory_kib": None, "concurrency": None}])
    (row,) = cells(part(staff, "workers"))
    assert (row["Running"], row["Queues"]) == ("nothing", "none: it is draining")
    assert (row["Memory"], row["Processes"]) == ("unknown", "unknown")


def test_no_worker_is_said_in_words(staff, service):
    service("workers", [])
    assert "No worker answered within a second" in part(staff, "workers")


@pytest.mark.parametrize("url", ["amqp://u:secret@127.0.0.1:1/garden", "redis://:secret@127.0.0.1:1/0"])
def test_a_broker_that_is_away_is_said_in_words_and_the_rest_is_shown(staff, broker_url, url):
    broker_url(url)
    began = time.monotonic()
    page = staff.get("/ops/").text
    assert time.monotonic() - began < 6
    assert "The broker can&#x27;t be reached (OperationalError)." in page
    assert "The workers can&#x27;t be asked, for the broker can&#x27;t be reached (OperationalError)." in page
    assert "<dt>Broker</dt><dd>can&#x27;t be reached (OperationalError)</dd>" in page
    assert "0 tasks, 0 of them failed" in page and "Schedules in use" in page
    assert "secret" not in page


def test_a_broker_that_hangs_is_given_up_within_seconds(staff, service, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(parts, "LIMIT", 0.3)
    for name in ("queues", "workers", "server"):
        monkeypatch.setitem(parts.QUESTIONS, name, lambda: release.wait(10))
    try:
        began = time.monotonic()
        page = staff.get("/ops/").text
        assert time.monotonic() - began < 3
    finally:
        release.set()
    assert page.count("no answer within 0.3 s") == 3


def test_a_cache_that_is_away_is_said_in_words(staff, service, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError("redis://:secret@cache")

    # The class: each thread that asks has a cache object of its own.
    monkeypatch.setattr(LocMemCache, "get", fail)
    page = staff.get("/ops/").text
    assert "The cache, where tasks are counted, can&#x27;t be reached (ConnectionError)." in page
    assert "unknown: the cache, where beat notes it, can't be reached (ConnectionError)" in page
    assert "RabbitMQ 4.0.5" in page and "secret" not in page


def test_a_database_that_is_away_keeps_everybody_out_in_words(staff, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("password=secret")

    monkeypatch.setattr("django.contrib.auth.middleware.auth.get_user", fail)
    response = staff.get("/ops/")
    assert response.status_code == 503
    assert "database can't be reached" in response.text and "secret" not in response.text


def test_schedules_that_cannot_be_read_are_said_in_words(staff, service, monkeypatch):
    def fail():
        raise OperationalError("password=secret")

    monkeypatch.setattr(beat, "schedules", fail)
    page = staff.get("/ops/").text
    assert "The database, which holds the schedules, can&#x27;t be reached (OperationalError)." in page
    assert "RabbitMQ 4.0.5" in page


def test_in_process_the_parts_say_that_there_is_no_broker(staff):
    page = staff.get("/ops/").text
    assert "There is no broker, and so no queue" in page
    assert "There are no workers" in page and "There is no beat" in page
    assert "<dd>none: tasks run in this process</dd>" in page and "0 tasks, 0 of them failed" in page


def test_beats_last_tick_is_told_and_its_lateness(staff, service):
    PeriodicTask.objects.all().delete()
    seconds = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.create(name="on", task="x", interval=seconds, last_run_at=timezone.now())
    PeriodicTask.objects.create(name="off", task="x", interval=seconds, enabled=False)
    assert "none within a day" in part(staff, "beat")
    bounded._latest.clear()
    beat.note(sender="feedback.sweep_outbox")
    page = part(staff, "beat")
    assert "feedback.sweep_outbox" in page and "late" not in page
    assert "<dt>Schedules in use</dt><dd>1</dd>" in page
    assert re.search(r"<dt>Last run on record</dt>\s*<dd><time", page)
    bounded._latest.clear()
    cache.set("ops:beat", {"at": time.time() - 600, "task": "x"})
    assert re.search(r"Beat is late: it has published nothing for 10.minutes", part(staff, "beat"))


def test_versions_and_release_are_told(staff, service, settings):
    settings.RELEASE_ID = "20260101000000-abcdef0"
    page = part(staff, "versions")
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts["Release"] == "20260101000000-abcdef0"
    assert (facts["Broker"], facts["Database"]) == ("RabbitMQ 4.0.5", "SQLite")
    assert facts["Django"].startswith("5.2") and facts["Celery"].startswith("5.7") and facts["Python"]
    settings.RELEASE_ID = ""
    assert "this runs from a checkout" in part(staff, "versions")

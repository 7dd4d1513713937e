"""One task at a time, really run: a worker with threads in this process, a broker in memory, results in SQLite."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult

from canvas.models import Widget
from tests.canvases import ended, lines, look, start, watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def naps(monkeypatch):
    """Divisions take no time; what they would have taken."""
    taken = []
    monkeypatch.setattr("canvas.tasks.time", SimpleNamespace(sleep=taken.append))
    return taken


def test_delay_runs_a_task(client):
    answer = ended(client, "add", x=2, y=3)
    assert lines(answer["tree"]) == ["add(x=2, y=3) SUCCESS 5"]
    assert (answer["status"], answer["tasks"], answer["tasks_ended"]) == ("SUCCESS", 1, 1)
    state = client.get(f"/tasks/{answer['task_id']}/").json()
    assert (state["task_status"], state["task_result"]) == ("SUCCESS", 5)


def test_sum_two_numbers(client):
    assert lines(ended(client, "sum_two_numbers", first=4, second=5)["tree"]) == [
        "sum_two_numbers(first=4, second=5) SUCCESS 9"
    ]


def test_debug_task_returns_its_request(client):
    answer = ended(client, "debug_task")
    (task,) = answer["tree"]
    assert task["result"] == {"id": answer["task_id"], "task": "canvas.debug_task", "retries": 0}


def test_apply_async_with_countdown_waits(client):
    began = timezone.now()
    first, *_, last = watch(client, start(client, "countdown", countdown=1))
    assert first["tree"][0]["note"].startswith("begins at ")
    assert lines(last["tree"]) == ["add(1, 1) SUCCESS 2"]
    assert timezone.now() - began >= timedelta(seconds=1)


def test_apply_async_with_eta_begins_at_the_moment(client):
    moment = timezone.now() + timedelta(seconds=2)
    first, *_, last = watch(client, start(client, "eta", eta=moment.isoformat()))
    assert first["tree"][0]["note"] == f"begins at {moment:%H:%M:%S} UTC"
    assert last["status"] == "SUCCESS"
    assert timezone.now() >= moment


def test_a_worker_refuses_a_task_that_expires_and_it_ends_revoked(client):
    answer = ended(client, "expires", expires=1, countdown=2)
    (task,) = answer["tree"]
    assert (answer["status"], task["status"]) == ("REVOKED", "REVOKED")
    assert "expired" in task["result"]
    assert task["note"].startswith("expired at ")


def test_a_task_that_begins_before_it_expires_succeeds(client):
    assert lines(ended(client, "expires", expires=60, countdown=0)["tree"]) == ["add(1, 1) SUCCESS 2"]


def test_retries_are_seen_and_end_in_success(client):
    seen = []
    for answer in watch(client, start(client, "retry", failures=1)):
        (task,) = answer["tree"]
        seen.append((task["status"], task["result"], task["note"]))
    assert ("RETRY", "Unlucky: try 1 failed, as it was asked to", "will be tried again") in seen
    assert seen[-1][:2] == ("SUCCESS", "succeeded at try 2")


def test_a_rate_limited_task_shows_that_it_waits(client):
    """Ten a minute: the second begins six seconds after the first."""
    began, waiting = timezone.now(), []
    for answer in watch(client, start(client, "rate_limit", count=2)):
        tasks = answer["tree"][0]["children"]
        if sorted(task["status"] for task in tasks) == ["PENDING", "SUCCESS"]:
            waiting += [task["note"] for task in tasks if task["status"] == "PENDING"]
    assert set(waiting) == {"takes its turn, at most 10/m on each worker"}
    assert answer["status"] == "SUCCESS"
    assert timezone.now() - began > timedelta(seconds=5)


def test_divide_works_five_seconds_and_track_started_shows_it(client, monkeypatch):
    began, go_on = threading.Event(), threading.Event()
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        began.set()
        assert go_on.wait(10)

    monkeypatch.setattr("canvas.tasks.time", SimpleNamespace(sleep=sleep))
    run = start(client, "divide", x=10, y=4)
    assert began.wait(10)
    assert lines(look(client, run)["tree"]) == ["divide(x=10, y=4) STARTED"]
    assert look(client, run)["status"] == "STARTED"
    go_on.set()
    *_, answer = watch(client, run)
    assert lines(answer["tree"]) == ["divide(x=10, y=4) SUCCESS 2.5"]
    assert naps == [5]


def test_division_by_zero_is_a_visible_failure(client):
    assert lines(ended(client, "divide", x=1, y=0)["tree"]) == [
        "divide(x=1, y=0) FAILURE ZeroDivisionError: division by zero"
    ]


def test_count_widgets_asks_the_database(client):
    Widget.objects.all().delete()
    Widget.objects.bulk_create([Widget(name="Trowel"), Widget(name="Rake")])
    assert lines(ended(client, "count_widgets")["tree"]) == ["count_widgets() SUCCESS 2"]


def test_rename_widget_changes_the_database(client):
    widget = Widget.objects.create(name="Trowel")
    answer = ended(client, "rename_widget", widget_id=widget.pk, name="Hand fork")
    assert answer["status"] == "SUCCESS"
    widget.refresh_from_db()
    assert widget.name == "Hand fork"


def test_renaming_no_widget_is_a_visible_failure(client):
    answer = ended(client, "rename_widget", widget_id=99999, name="Nothing")
    assert answer["tree"][0]["result"] == "DoesNotExist: there is no widget 99999"


def test_a_watched_result_is_extended_with_name_and_worker(client):
    run = ended(client, "add", x=1, y=1)["task_id"]
    stored = TaskResult.objects.get(task_id=run)
    assert stored.task_name == "canvas.add"
    assert stored.task_kwargs == "\"{'x': 1, 'y': 1}\""
    assert stored.worker

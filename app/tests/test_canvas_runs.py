"""Every kind of canvas, really run: a worker with threads in this process, a broker in memory, results in SQLite."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.result import AsyncResult
from django.utils import timezone
from django_celery_results.models import ChordCounter, TaskResult

from canvas.canvases import chain_demo
from canvas.models import Saved, Widget
from canvas.services import start as start_canvas
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


def test_link_calls_back_with_the_result(client):
    assert lines(ended(client, "link", x=2, y=2, z=8)["tree"]) == ["add(2, 2) SUCCESS 4", "  add(…, 8) SUCCESS 12"]


def test_link_error_hears_of_the_failure_and_link_never_runs(client):
    answer = ended(client, "link_error", x=1, y=0)
    divide, mul, report = lines(answer["tree"])
    assert divide == "divide(1, 0) FAILURE ZeroDivisionError: division by zero"
    assert mul == "  mul(…, 10) SKIPPED"
    assert report.startswith("  report_failure(…) SUCCESS ")
    assert report.endswith(f"{answer['task_id']} failed: ZeroDivisionError: division by zero")
    assert answer["status"] == "FAILURE"


def test_link_error_is_skipped_after_a_success(client):
    answer = ended(client, "link_error", x=6, y=2)
    assert lines(answer["tree"]) == [
        "divide(6, 2) SUCCESS 3.0",
        "  mul(…, 10) SUCCESS 30.0",
        "  report_failure(…) SKIPPED",
    ]
    assert answer["status"] == "SUCCESS"


def test_chain_demo_adds_multiplies_by_ten_and_saves_with_intermediate_results(client):
    answer = ended(client, "chain_demo", x=1, y=1)
    assert lines(answer["tree"]) == [
        "add(1, 1) SUCCESS 2",
        "  mul(…, 10) SUCCESS 20",
        "    save(…) SUCCESS 20",
    ]
    saved = Saved.objects.get()
    assert (str(saved.task_id), saved.value) == (answer["task_id"], 20)


def test_the_ids_of_a_chain_are_its_results_parents(client):
    signature = chain_demo(2, 3)
    run = start_canvas("chain_demo", signature)
    *_, answer = watch(client, str(run.pk))
    ids = []
    result = signature.freeze()
    while result:
        ids.append(result.id)
        result = result.parent
    (add,) = answer["tree"]
    (mul,) = add["children"]
    (save,) = mul["children"]
    assert ids == [save["task_id"], mul["task_id"], add["task_id"]]
    assert [AsyncResult(task_id).result for task_id in reversed(ids)] == [5, 50, 50]


def test_a_failing_chain_stops(client):
    answer = ended(client, "chain_failure", x=1)
    assert lines(answer["tree"]) == [
        "divide(1, 0) FAILURE ZeroDivisionError: division by zero",
        "  mul(…, 10) SKIPPED",
        "    save(…) SKIPPED",
    ]
    assert not Saved.objects.exists()


def test_group_of_add_i_i_for_i_in_range_10(client):
    answer = ended(client, "group", count=10)
    group, *members = lines(answer["tree"])
    assert group == "group of 10 SUCCESS"
    assert members == [f"  add({i}, {i}) SUCCESS {i + i}" for i in range(10)]
    assert answer["tree"][0]["note"] == "10 of 10 succeeded"


def test_a_group_shows_partial_failures(client):
    answer = ended(client, "group_failure", x=6, count=3)
    assert lines(answer["tree"]) == [
        "group of 3 FAILURE",
        "  divide(6, 0) FAILURE ZeroDivisionError: division by zero",
        "  divide(6, 1) SUCCESS 6.0",
        "  divide(6, 2) SUCCESS 3.0",
    ]
    assert answer["tree"][0]["note"] == "2 of 3 succeeded"


def test_chord_sums_the_results_of_a_group(client):
    answer = ended(client, "chord", count=10)
    assert lines(answer["tree"])[-1] == "  xsum(…) SUCCESS 90"
    assert client.get(f"/tasks/{answer['task_id']}/").json()["task_result"] == 90
    assert not ChordCounter.objects.exists()


def test_chord_errors_are_visible_and_reach_the_errback(client):
    answer = ended(client, "chord_failure", x=1)
    group, fine, failed, body, errback = lines(answer["tree"])
    assert group == "group of 2 FAILURE"
    assert fine == "  divide(1, 1) SUCCESS 1.0"
    assert failed == "  divide(1, 0) FAILURE ZeroDivisionError: division by zero"
    assert body.startswith("  xsum(…) FAILURE ChordError: ")
    assert "division by zero" in body
    assert errback.startswith(f"    report_failure(…) SUCCESS {answer['task_id']} failed: ChordError")


def test_a_group_within_a_chain_becomes_a_chord(client):
    assert lines(ended(client, "fan", x=1, y=1)["tree"]) == [
        "add(1, 1) SUCCESS 2",
        "  group of 3 SUCCESS",
        "    mul(…, 2) SUCCESS 4",
        "    mul(…, 3) SUCCESS 6",
        "    mul(…, 4) SUCCESS 8",
        "    xsum(…) SUCCESS 18",
        "      save(…) SUCCESS 18",
    ]


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

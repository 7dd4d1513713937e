"""Several tasks together, really run: chains, groups, chords and callbacks."""

from types import SimpleNamespace

import pytest
from celery.result import AsyncResult
from django_celery_results.models import ChordCounter

from canvas.canvases import chain_demo
from canvas.models import Saved
from canvas.services import start as start_canvas
from tests.canvases import ended, lines, watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch):
    monkeypatch.setattr("canvas.tasks.time", SimpleNamespace(sleep=lambda seconds: None))


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

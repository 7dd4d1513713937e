"""What becomes of runs: states are read at once, what expires unseen ends revoked, old runs go."""

import uuid
from datetime import timedelta

import pytest
from celery import current_app, states
from celery.app import Celery
from django.utils import timezone
from django_celery_results.models import TaskResult

from canvas import services
from canvas.models import Node, Run, Saved
from canvas.tasks import sweep_runs
from core import results
from tests.canvases import lines, look, start

pytestmark = pytest.mark.django_db


def store(task_id, result, status=states.SUCCESS):
    current_app.backend.store_result(task_id, result, status)


def test_states_are_read_from_redis_in_one_round_trip(monkeypatch):
    app = Celery("other", backend="redis://redis.test/2", set_as_current=False)
    asked = []

    def mget(keys):
        asked.append(keys)
        return [
            b'{"task_id": "a", "status": "SUCCESS", "result": 2}',
            b'{"task_id": "b", "status": "FAILURE", "result": {"exc_type": "ZeroDivisionError",'
            b' "exc_message": ["no"], "exc_module": "builtins"}}',
            None,
        ]

    monkeypatch.setattr(app.backend, "mget", mget)
    monkeypatch.setattr(results, "current_app", app)
    assert results.read_states(["a", "b", "c"]) == {
        "a": results.State("SUCCESS", 2),
        "b": results.State("FAILURE", "ZeroDivisionError: no"),
    }
    assert asked == [[b"celery-task-meta-a", b"celery-task-meta-b", b"celery-task-meta-c"]]


def test_states_are_read_from_memcached_too(monkeypatch):
    app = Celery("other", backend="cache+memory://", set_as_current=False)
    monkeypatch.setattr(results, "current_app", app)
    app.backend.store_result("a", 2, states.SUCCESS)
    assert results.read_states(["a", "b"]) == {"a": results.State("SUCCESS", 2)}


def test_without_a_result_backend_everything_stays_pending(monkeypatch):
    monkeypatch.setattr(results, "current_app", Celery("other", backend="disabled://", set_as_current=False))
    assert results.read_states(["a"]) == {}


def expire(run: str, ago: timedelta) -> None:
    Node.objects.filter(run=run).update(expires_at=timezone.now() - ago)


@pytest.mark.parametrize("seen_by", ["the sweep", "a visitor"])
def test_a_task_that_expires_while_no_worker_is_up_ends_revoked_and_says_so(client, published, seen_by):
    run = start(client, "expires", expires=10)
    assert lines(look(client, run)["tree"]) == ["add(1, 1) PENDING"]
    expire(run, services.EXPIRY_GRACE + timedelta(seconds=1))
    if seen_by == "the sweep":
        sweep_runs()
        assert TaskResult.objects.get(task_id=run).status == "REVOKED"
    answer = look(client, run)
    (task,) = answer["tree"]
    assert (task["status"], task["result"]) == ("REVOKED", "TaskRevokedError: expired")
    assert task["note"].startswith("expired at ")
    assert answer["ended"]
    stored = TaskResult.objects.get(task_id=run)
    assert (stored.status, stored.task_name) == ("REVOKED", "canvas.add")
    assert client.get(f"/tasks/{run}/").json()["task_status"] == "REVOKED"


def test_a_task_that_a_worker_began_in_time_is_left_to_it(client, published):
    run = start(client, "expires", expires=10)
    store(run, {"pid": 1}, states.STARTED)
    expire(run, timedelta(hours=1))
    assert services.mark_expired() == 0
    assert look(client, run)["tree"][0]["status"] == "STARTED"
    assert not Node.objects.get(pk=run).awaits_expiry


def test_a_worker_has_some_seconds_to_say_that_it_began(client, published):
    run = start(client, "expires", expires=10)
    expire(run, timedelta(seconds=5))
    assert services.mark_expired() == 0
    assert look(client, run)["tree"][0]["status"] == "PENDING"
    assert Node.objects.get(pk=run).awaits_expiry


def test_yesterdays_runs_are_removed_before_their_results_are(client, published):
    old, young = start(client, "chain_demo"), start(client, "chain_demo")
    for task_id in (old, young):
        Saved.objects.create(task_id=task_id, value=1)
    yesterday = timezone.now() - timedelta(days=1, seconds=1)
    Run.objects.filter(pk=old).update(created_at=yesterday)
    Saved.objects.filter(task_id=old).update(saved_at=yesterday)
    for _ in range(2):
        sweep_runs()
    assert [str(run.pk) for run in Run.objects.all()] == [young]
    assert set(Node.objects.values_list("run", flat=True)) == {uuid.UUID(young)}
    assert [str(saved.task_id) for saved in Saved.objects.all()] == [young]
    assert client.get(f"/canvas/{old}/").status_code == 404

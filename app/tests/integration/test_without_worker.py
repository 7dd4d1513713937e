"""What expires, or is cancelled, while no worker is up, on a real broker."""

import time
from datetime import timedelta

import pytest
from celery import current_app
from django_celery_results.models import TaskResult

from canvas import services
from canvas.tasks import sweep_runs
from tests.canvases import ended, lines, look, start

pytestmark = pytest.mark.django_db(transaction=True)


def depth(queue):
    """How many messages are ready."""
    with current_app.connection_for_read() as connection, connection.channel() as channel:
        return channel.queue_declare(queue, passive=True).message_count


def test_an_expired_task_ends_revoked_and_a_worker_that_comes_later_leaves_it_so(
    client, start_worker, until, monkeypatch
):
    monkeypatch.setattr(services, "EXPIRY_GRACE", timedelta(seconds=1))
    run = start(client, "expires", expires=2, countdown=0)
    assert until(lambda: depth("default")) == 1
    assert lines(look(client, run)["tree"]) == ["add(1, 1) PENDING"]
    # The broker takes it out of the queue, nobody has seen it.
    until(lambda: depth("default") == 0)
    time.sleep(services.EXPIRY_GRACE.total_seconds() + 1)
    sweep_runs()
    with start_worker("late"):
        assert lines(ended(client, "add", x=2, y=3)["tree"]) == ["add(x=2, y=3) SUCCESS 5"]
        (task,) = look(client, run)["tree"]
    assert (task["status"], task["result"]) == ("REVOKED", "TaskRevokedError: expired")


def test_a_task_that_was_cancelled_before_a_worker_came_never_begins(client, start_worker, until):
    task_id = client.post("/tasks/", {"type": "0"}).json()["task_id"]
    assert until(lambda: depth("default")) == 1
    assert client.post(f"/tasks/{task_id}/cancel/").status_code == 202
    assert client.get(f"/tasks/{task_id}/").json()["task_status"] == "REVOKED"
    assert not TaskResult.objects.filter(task_id=task_id).exists()
    with start_worker("later"):
        until(lambda: TaskResult.objects.filter(task_id=task_id, status="REVOKED").exists())
        assert lines(ended(client, "add", x=2, y=3)["tree"]) == ["add(x=2, y=3) SUCCESS 5"]
        assert depth("default") == 0
    stored = TaskResult.objects.get(task_id=task_id)
    assert (stored.status, "TaskRevokedError" in stored.result) == ("REVOKED", True)

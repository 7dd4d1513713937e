"""What expires while no worker is up, on a real broker."""

import time
from datetime import timedelta

import pytest
from celery import current_app

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

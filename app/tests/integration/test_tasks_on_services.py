"""Tasks through RabbitMQ's quorum queues and a worker process, their results in PostgreSQL."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from amqp import PreconditionFailed
from celery import current_app
from celery.result import AsyncResult
from django.utils import timezone
from django_celery_results.models import TaskResult

from canvas.models import Saved
from canvas.tasks import add
from tests.canvases import ended, lines, start, watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def worker(start_worker, tmp_path_factory):
    """One worker, which also writes a log file."""
    with start_worker("orm", LOG_FILE=str(tmp_path_factory.mktemp("logs") / "garden.log")) as worker:
        yield worker


def state(client, task_id):
    return client.get(f"/tasks/{task_id}/").json()


@pytest.mark.parametrize("queue", ["default", "slow", "mail"])
def test_queues_are_quorum_queues(queue):
    arguments = {"x-queue-type": "classic"}
    with (
        current_app.connection_for_write() as connection,
        connection.channel() as channel,
        pytest.raises(PreconditionFailed, match="x-queue-type"),
    ):
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments=arguments)


def test_a_chain_hands_results_on(client):
    answer = ended(client, "chain_demo", x=1, y=1)
    assert lines(answer["tree"]) == [
        "add(1, 1) SUCCESS 2",
        "  mul(…, 10) SUCCESS 20",
        "    save(…) SUCCESS 20",
    ]
    assert Saved.objects.get().value == 20


def test_a_group_runs_side_by_side(client):
    group, *members = lines(ended(client, "group", count=10)["tree"])
    assert group == "group of 10 SUCCESS"
    assert members == [f"  add({i}, {i}) SUCCESS {i + i}" for i in range(10)]


def test_a_chord_sums_what_its_header_returned(client):
    assert lines(ended(client, "chord", count=10)["tree"])[-1] == "  xsum(…) SUCCESS 90"


def test_a_countdown_waits_on_the_broker_and_not_in_the_worker(client, worker):
    began = timezone.now()
    run = start(client, "countdown", countdown=3)
    assert current_app.control.inspect([worker.node]).scheduled() == {worker.node: []}
    assert state(client, run)["task_status"] == "PENDING"
    *_, answer = watch(client, run)
    assert lines(answer["tree"]) == ["add(1, 1) SUCCESS 2"]
    assert timezone.now() - began >= timedelta(seconds=3)


def test_retries_come_back_over_the_broker_with_growing_pauses(client):
    began = timezone.now()
    (task,) = ended(client, "retry", failures=2)["tree"]
    assert (task["status"], task["result"]) == ("SUCCESS", "succeeded at try 3")
    # 1 s and 2 s
    assert timezone.now() - began >= timedelta(seconds=3)


def test_a_running_task_shows_its_progress_and_is_cancelled(client, until):
    task_id = client.post("/tasks/", {"type": "3"}).json()["task_id"]
    until(lambda: state(client, task_id).get("progress", {}).get("current"))
    response = client.post(f"/tasks/{task_id}/cancel/")
    assert (response.status_code, response.json()["task_status"]) == (202, "STARTED")
    until(lambda: state(client, task_id)["task_status"] == "REVOKED")
    # the worker lives on
    assert lines(ended(client, "add", x=2, y=3)["tree"]) == ["add(x=2, y=3) SUCCESS 5"]


def test_an_unknown_id_is_pending(client):
    task_id = str(uuid.uuid4())
    assert state(client, task_id) == {"task_id": task_id, "task_status": "PENDING", "task_result": None}
    assert AsyncResult(task_id).state == "PENDING"


def test_results_are_read_by_orm_and_by_id(worker):
    promised = add.delay(5, 8)
    assert AsyncResult(promised.id).get(timeout=10) == 13
    stored = TaskResult.objects.get(task_id=promised.id)
    assert (stored.status, json.loads(stored.result), stored.task_name) == ("SUCCESS", 13, "canvas.add")
    assert stored.worker == worker.node


def test_the_log_file_names_the_task_in_json(client, worker, until):
    run = ended(client, "add", x=2, y=3)["task_id"]
    log_file = Path(worker.environment["LOG_FILE"])
    until(lambda: run in log_file.read_text())
    assert any(run in json.loads(line)["message"] for line in log_file.read_text().splitlines())

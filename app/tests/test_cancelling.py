"""Cancelling tasks: running ones, waiting ones, those that no worker has heard of."""

import uuid

import pytest
from celery import current_app, states
from celery.exceptions import Ignore
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_celery_results.models import TaskResult

from core.publishing import NotConfirmed
from tasks import cancelling
from tasks.models import Cancellation
from tasks.tasks import create_task, forget_cancellations

pytestmark = pytest.mark.django_db

AN_ID = uuid.UUID("0d6cbd1c-9a6e-4a44-9a1f-8f2a4c4e3a11")


@pytest.fixture
def workers(monkeypatch):
    """In place of the workers: the commands that they would get."""
    commands = []
    monkeypatch.setattr("tasks.services.is_in_process", lambda app: False)
    monkeypatch.setattr("tasks.services.broadcast", lambda *command: commands.append(command))
    return commands


def test_a_running_task_is_terminated(client, workers):
    task_id = str(uuid.uuid4())
    current_app.backend.store_result(task_id, {"current": 3, "total": 10}, "PROGRESS")
    for _ in range(2):
        response = client.post(f"/tasks/{task_id.upper()}/cancel/")
        assert (response.status_code, response.json()["task_status"]) == (202, "STARTED")
    assert workers == [("revoke", {"task_id": task_id, "terminate": True, "signal": "TERM"})] * 2


@pytest.mark.parametrize("state", [states.SUCCESS, states.FAILURE, states.REVOKED])
def test_a_task_that_has_ended_is_left_as_it_is(client, workers, state):
    task_id = str(uuid.uuid4())
    current_app.backend.store_result(task_id, RuntimeError() if state != states.SUCCESS else True, state)
    response = client.post(f"/tasks/{task_id}/cancel/")
    assert (response.status_code, response.json()["task_status"]) == (200, state)
    assert workers == []


def test_a_cancelled_task_is_seen_as_revoked(client):
    task_id = str(uuid.uuid4())
    # what a worker does when it has stopped the task
    current_app.backend.mark_as_revoked(task_id, "terminated")
    answer = client.get(f"/tasks/{task_id}/").json()
    assert (answer["task_status"], answer["task_result"]) == ("REVOKED", "TaskRevokedError: terminated")


def begin(task_id):
    """What a worker does before it runs the task."""
    create_task.push_request(id=task_id, args=(), kwargs={})
    try:
        create_task.before_start(task_id, (), {})
    finally:
        create_task.pop_request()


def test_a_cancelled_task_that_waits_is_revoked_and_never_begins(client, workers):
    task_id = str(uuid.uuid4())
    assert client.post(f"/tasks/{task_id.upper()}/cancel/").status_code == 202
    answer = {"task_id": task_id, "task_status": "REVOKED", "task_result": "TaskRevokedError: revoked"}
    assert client.get(f"/tasks/{task_id}/").json() == answer
    assert not TaskResult.objects.exists()
    with pytest.raises(Ignore):
        begin(task_id)
    assert TaskResult.objects.get().status == "REVOKED"
    assert client.get(f"/tasks/{task_id}/").json() == answer


def test_a_task_is_cancelled_although_the_broker_is_away(client, workers, monkeypatch):
    def refuse(*command):
        raise NotConfirmed("away")

    monkeypatch.setattr("tasks.services.broadcast", refuse)
    task_id = str(uuid.uuid4())
    assert client.post(f"/tasks/{task_id}/cancel/").status_code == 503
    with pytest.raises(Ignore):
        begin(task_id)


def test_other_tasks_begin_also_while_the_database_is_away(workers, monkeypatch):
    cancelling.remember(str(uuid.uuid4()))
    begin(str(uuid.uuid4()))

    def fail(task_id):
        raise OperationalError("away")

    monkeypatch.setattr(cancelling, "is_cancelled", fail)
    begin(str(uuid.uuid4()))
    assert not TaskResult.objects.exists()


def test_cancellations_are_forgotten_when_they_are_old():
    now = timezone.now()
    for age in (cancelling.KEPT * 1.01, cancelling.KEPT * 0.99):
        Cancellation.objects.create(task_id=uuid.uuid4(), requested_at=now - age)
    forget_cancellations.run()
    assert [each.requested_at for each in Cancellation.objects.all()] == [now - cancelling.KEPT * 0.99]


def test_without_a_broker_cancelling_says_that_it_cannot(client):
    response = client.post(f"/tasks/{uuid.uuid4()}/cancel/")
    assert response.status_code == 409
    assert "can't be stopped" in response.json()["error"]


def test_cancelling_takes_a_uuid_and_a_post(client, workers):
    assert client.post("/tasks/1/cancel/").status_code == 400
    assert client.get(f"/tasks/{uuid.uuid4()}/cancel/").status_code == 405
    assert workers == []


def test_a_signed_in_browser_needs_the_token_to_cancel(workers):
    client = Client(enforce_csrf_checks=True)
    url = f"/tasks/{uuid.uuid4()}/cancel/"
    assert client.post(url).status_code == 202
    client.force_login(get_user_model().objects.create_user("ann"))
    assert client.post(url).status_code == 403
    assert len(workers) == 1

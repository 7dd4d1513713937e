"""The page and the task API."""

import re
import uuid
from types import SimpleNamespace

import pytest
from celery import current_app, states
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.test import Client
from django_celery_results.models import TaskResult

from core.publishing import NotConfirmed
from tasks.tasks import create_task

pytestmark = pytest.mark.django_db

AN_ID = uuid.UUID("0d6cbd1c-9a6e-4a44-9a1f-8f2a4c4e3a11")


@pytest.mark.parametrize("value", ["0", "1", "2", "3"])
def test_a_form_starts_a_task(client, published, value):
    response = client.post("/tasks/", {"type": value})
    assert response.status_code == 202
    assert list(response.json()) == ["task_id"]
    assert uuid.UUID(response.json()["task_id"])
    (message,) = published
    assert message["name"] == "tasks.create_task"
    assert message["kwargs"] == {"task_type": int(value)}
    assert message["task_id"] == response.json()["task_id"]


@pytest.mark.parametrize("body", ['{"type": 1}', '{"type": "1"}'])
def test_json_starts_a_task(client, published, body):
    assert client.post("/tasks/", body, content_type="application/json").status_code == 202
    assert published[0]["kwargs"] == {"task_type": 1}


@pytest.mark.parametrize("fields", [{}, {"type": ""}, {"type": "4"}, {"type": "-1"}, {"type": "1.0"}, {"type": "eins"}])
def test_a_bad_form_is_refused(client, published, fields):
    response = client.post("/tasks/", fields)
    assert response.status_code == 400
    assert "type" in response.json()["error"]
    assert published == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[1]",
        "1",
        "null",
        '{"type": true}',
        '{"type": null}',
        '{"type": 1.0}',
        '{"type": [1]}',
        b"\xff",
        "[" * 9999,
    ],
)
def test_bad_json_is_refused(client, published, body):
    response = client.post("/tasks/", body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]
    assert published == []


def test_a_malformed_upload_is_refused_in_json(client, published):
    response = client.post("/tasks/", b"x", content_type="multipart/form-data; boundary=")
    assert response.status_code == 400
    assert response.json()["error"]


def test_too_large_a_body_is_refused_in_json(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = client.post("/tasks/", '{"type": 1, "x": 12345}', content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]


def test_other_methods_are_refused(client):
    response = client.get("/tasks/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert client.post(f"/tasks/{uuid.uuid4()}/").status_code == 405


def test_503_where_the_broker_does_not_confirm(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise NotConfirmed("amqp://user:secret@mq")

    monkeypatch.setattr("tasks.services.publish", refuse)
    response = client.post("/tasks/", {"type": "1"})
    assert response.status_code == 503
    assert "broker" in response.json()["error"]
    assert "secret" not in response.text


def test_no_cookie_no_token():
    assert Client(enforce_csrf_checks=True).post("/tasks/", {"type": "9"}).status_code == 400


def test_a_signed_in_browser_needs_the_token(published):
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.create_user("ann"))
    response = client.post("/tasks/", {"type": "1"})
    assert response.status_code == 403
    assert "CSRF" in response.json()["error"]
    assert published == []
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").text)[1]
    assert client.post("/tasks/", {"type": "1", "csrfmiddlewaretoken": token}).status_code == 202


def test_an_unknown_task_is_pending(client):
    task_id = str(uuid.uuid4())
    response = client.get(f"/tasks/{task_id}/")
    assert response.status_code == 200
    assert response.json() == {"task_id": task_id, "task_status": "PENDING", "task_result": None}
    assert not TaskResult.objects.exists()


@pytest.mark.parametrize("task_id", ["1", "x" * 36, f"{AN_ID}x", AN_ID.hex, "%00", f"{{{AN_ID}}}"])
def test_an_id_that_is_no_uuid_is_refused(client, task_id):
    response = client.get(f"/tasks/{task_id}/")
    assert response.status_code == 400
    assert "UUID" in response.json()["error"]


@pytest.mark.parametrize(
    ("status", "stored", "shown"),
    [
        (states.STARTED, {"pid": 1, "hostname": "w@secret-host"}, None),
        (states.SUCCESS, True, True),
        (states.SUCCESS, {"a": [1, None]}, {"a": [1, None]}),
        (states.SUCCESS, float("nan"), "nan"),
        (states.FAILURE, ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (states.FAILURE, ValueError({"not": b"json"}), "ValueError: {'not': b'json'}"),
    ],
)
def test_a_state_is_shown_json_safe(client, status, stored, shown):
    task_id = str(uuid.uuid4())
    current_app.backend.store_result(task_id, stored, status)
    answer = client.get(f"/tasks/{task_id}/").json()
    assert (answer["task_status"], answer["task_result"]) == (status, shown)


def test_the_task_works_ten_seconds_for_each_type(monkeypatch):
    naps = []
    monkeypatch.setattr("tasks.tasks.time", SimpleNamespace(sleep=naps.append))
    assert [create_task.run(n) for n in (0, 1, 3)] == [True, True, True]
    assert naps == [1] * 40


def test_progress_is_shown_beside_a_state_of_celerys_own(client):
    task_id = str(uuid.uuid4())
    current_app.backend.store_result(task_id, {"current": 3, "total": 10}, "PROGRESS")
    assert client.get(f"/tasks/{task_id}/").json() == {
        "task_id": task_id,
        "task_status": "STARTED",
        "task_result": None,
        "progress": {"current": 3, "total": 10},
    }


def test_the_page_offers_the_three_types_and_nothing_inline(client):
    response = client.get("/")
    page = response.text
    assert response.status_code == 200
    assert re.findall(r'name="type" value="(\d)"', page) == ["1", "2", "3"]
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://", page)
    assets = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(set(assets)) >= 3
    assert all(finders.find(asset) for asset in assets)


def test_the_page_can_be_used_without_eyes(client):
    page = client.get("/").text
    assert '<html lang="en">' in page
    assert "<title>" in page
    assert 'name="viewport"' in page
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page))
    assert page.count('scope="col"') == 6
    assert "<legend" in page and "<caption" in page and 'aria-live="polite"' in page

"""The API's answers, the pages, and what becomes of runs."""

import re
import socket
import time
import uuid
from datetime import timedelta

import pytest
from celery import current_app, states
from celery.app import Celery
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_results.models import TaskResult

from canvas import services
from canvas.kinds import KINDS
from canvas.models import Node, Run, Saved
from canvas.tasks import sweep_runs
from core import results
from core.publishing import NotConfirmed
from tests.canvases import lines, look, start

pytestmark = pytest.mark.django_db

PENDING_CHAIN = ["add(1, 1) PENDING", "  mul(…, 10) PENDING", "    save(…) PENDING"]


def store(task_id, result, status=states.SUCCESS):
    current_app.backend.store_result(task_id, result, status)


def ids(run: str) -> list[str]:
    return [str(pk) for pk in Node.objects.filter(run=run).values_list("pk", flat=True)]


def test_a_post_answers_with_the_run_and_where_to_see_it(client, published):
    response = client.post("/canvas/", {"kind": "chain_demo", "x": "1", "y": "1"})
    assert response.status_code == 202
    answer = response.json()
    assert answer == {
        "task_id": answer["task_id"],
        "kind": "chain_demo",
        "url": f"/canvas/{answer['task_id']}/",
    }
    (message,) = published
    assert (message["name"], message["task_id"]) == ("canvas.add", ids(answer["task_id"])[0])
    shown = client.get(answer["url"])
    assert shown["Cache-Control"] == "no-store"
    assert lines(shown.json()["tree"]) == PENDING_CHAIN


def test_json_starts_a_canvas(client, published):
    response = client.post("/canvas/", '{"kind": "add", "x": 1, "y": 2}', content_type="application/json")
    assert response.status_code == 202
    assert published[0]["kwargs"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "fields", [{}, {"kind": "nonsense"}, {"kind": "add", "x": "one"}, {"kind": "group", "count": 99}]
)
def test_bad_input_is_refused_in_words_and_nothing_starts(client, published, fields):
    response = client.post("/canvas/", fields)
    assert response.status_code == 400
    assert "must be" in response.json()["error"]
    assert published == []
    assert not Run.objects.exists()


def test_an_unknown_run_is_404(client):
    for path in (f"/canvas/{uuid.uuid4()}/", f"/canvas/runs/{uuid.uuid4()}/"):
        assert client.get(path).status_code == 404
    assert "error" in client.get(f"/canvas/{uuid.uuid4()}/").json()


def test_other_methods_are_refused(client):
    assert client.put("/canvas/").status_code == 405
    assert client.get("/canvas/start/").status_code == 405
    assert client.post(f"/canvas/{uuid.uuid4()}/").status_code == 405


def test_the_api_needs_a_token_from_a_signed_in_browser_only(published):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/canvas/", {"kind": "add"}).status_code == 202
    client.force_login(get_user_model().objects.create_user("ann"))
    assert client.post("/canvas/", {"kind": "add"}).status_code == 403
    page = client.get("/canvas/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert client.post("/canvas/", {"kind": "add", "csrfmiddlewaretoken": token}).status_code == 202
    assert client.post("/canvas/start/", {"kind": "add"}).status_code == 403
    assert client.post("/canvas/start/", {"kind": "add", "csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize("kind", ["add", "chain_demo", "group", "chord", "fan", "link"])
def test_a_broker_that_is_away_is_503_within_seconds(client, broker_url, kind):
    broker_url("amqp://u:secret@127.0.0.1:1/garden")
    began = time.monotonic()
    response = client.post("/canvas/", {"kind": kind})
    assert response.status_code == 503
    assert "broker" in response.json()["error"]
    assert "secret" not in response.text
    assert time.monotonic() - began < 4
    assert Run.objects.get().confirmed_at is None


@pytest.mark.parametrize("kind", ["group", "chord"])
def test_a_hung_broker_is_given_up_within_seconds(client, broker_url, kind):
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker_url("amqp://u:p@{}:{}/0".format(*server.getsockname()))
        began = time.monotonic()
        assert client.post("/canvas/", {"kind": kind}).status_code == 503
    assert time.monotonic() - began < 8


def test_all_tasks_of_a_chord_go_through_the_confirming_producer(client, published, monkeypatch):
    monkeypatch.setattr("core.publishing.confirming_options", lambda: {"producer": "ours", "retry": False})
    start(client, "chord", count=3)
    assert [(m["name"], m["producer"], m["retry"]) for m in published] == [("canvas.add", "ours", False)] * 3
    assert all("retry" not in message["chord"].options for message in published)


def test_the_page_offers_each_kind_with_labelled_fields_and_nothing_inline(client):
    response = client.get("/canvas/")
    page = response.text
    assert response.status_code == 200
    assert re.findall(r'name="kind" value="(\w+)"', page) == list(KINDS)
    labels = re.findall(r'<label for="([^"]+)"', page)
    assert labels == re.findall(r'<input id="([^"]+)"', page)
    assert len(labels) == sum(len(kind.parameters) for kind in KINDS.values())
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)
    assert all(finders.find(asset) for asset in re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    assert "Nothing was run today" in page


def test_a_form_leads_to_the_run(client, published):
    response = client.post("/canvas/start/", {"kind": "chain_demo", "x": "1", "y": "1"})
    run = Run.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/canvas/runs/{run.pk}/")
    page = client.get(response["Location"]).text
    assert "<h1>Chain</h1>" in page
    assert re.findall(r"<code>(add|mul|save)\(", page) == ["add", "mul", "save"]
    assert "0 of 3 ended: pending" in page
    assert "perhaps" not in page
    assert f'href="/canvas/runs/{run.pk}/"' in client.get("/canvas/").text


def test_a_bad_form_comes_back_with_what_is_wrong_and_what_was_typed(client, published):
    response = client.post("/canvas/start/", {"kind": "add", "x": "<7", "y": "5"})
    assert response.status_code == 400
    assert "This can&#x27;t be started: x must be a whole number" in response.text
    assert re.search(r'id="add-x"[^>]*value="&lt;7"', response.text)
    assert re.search(r'id="add-y"[^>]*value="5"', response.text)
    assert re.search(r'id="divide-y"[^>]*value="4"', response.text)


def test_the_page_says_when_the_broker_did_not_confirm(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise NotConfirmed("timeout")

    monkeypatch.setattr("canvas.services.confirmed_tasks", refuse)
    response = client.post("/canvas/start/", {"kind": "add"})
    assert response.status_code == 503
    assert "The broker did not confirm the tasks." in response.text
    assert "perhaps some of them never begin" in client.get(f"/canvas/runs/{Run.objects.get().pk}/").text


def test_a_run_is_followed_until_it_has_ended(client, published):
    run = start(client, "chain_demo")
    url = f"/canvas/runs/{run}/"
    page = client.get(url).text
    again = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', page)[1]
    htmx = {"HX-Request": "true"}
    assert client.get(again, headers=htmx).status_code == 204
    add, mul, save = ids(run)
    store(add, 2)
    update = client.get(again, headers=htmx)
    assert update.status_code == 200
    assert "<html" not in update.text
    assert "1 of 3 ended: started" in update.text
    newer = re.search(r'hx-get="([^"]+)"', update.text)[1]
    assert newer != again
    store(mul, 20)
    store(save, 20)
    last = client.get(newer, headers=htmx).text
    assert "3 of 3 ended: success" in last
    assert "hx-get" not in last
    assert "hx-get" not in client.get(url).text


def test_results_are_escaped(client, published):
    run = start(client, "add")
    store(run, "<script>alert(1)</script>")
    page = client.get(f"/canvas/runs/{run}/").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_a_kind_that_a_release_dropped_is_still_shown(client):
    run = Run.objects.create(kind="juggle")
    Node.objects.create(id=run.pk, run=run, position=0, role="first", task="canvas.juggle", call="juggle(3)")
    assert "<h1>juggle</h1>" in client.get(f"/canvas/runs/{run.pk}/").text


def test_the_states_of_all_runs_are_read_in_one_query(client, published):
    for kind in KINDS:
        start(client, kind)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/canvas/").status_code == 200
    assert sum("django_celery_results_taskresult" in query["sql"] for query in queries) == 1
    assert len(queries) == 3


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


@pytest.mark.parametrize("kind", ["chord", "fan"])
def test_a_chord_without_a_result_backend_is_refused_in_words(client, published, monkeypatch, kind):
    none = Celery("other", backend="disabled://", set_as_current=False)
    monkeypatch.setattr(services, "current_app", none)
    response = client.post("/canvas/", {"kind": kind})
    assert response.status_code == 400
    assert "a chord needs a result backend" in response.json()["error"]
    assert not Run.objects.exists()


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


def test_the_admin_edits_widgets(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    response = client.post("/admin/canvas/widget/add/", {"name": "Dibber"})
    assert response.status_code == 302
    assert "Dibber" in client.get("/admin/canvas/widget/?q=dib").text

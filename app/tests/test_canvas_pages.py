"""The API's answers, the pages, and what becomes of runs."""

import re
import socket
import time
import uuid
from contextlib import contextmanager

import pytest
from celery import current_app, states
from celery.app import Celery
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from canvas import services
from canvas.kinds import KINDS
from canvas.models import Node, Run
from canvas.tasks import add
from core import publishing
from core.publishing import NotConfirmed
from tests.canvases import lines, start

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


@pytest.mark.parametrize("kind", ["add", "chain_demo", "group", "chord"])
def test_every_task_that_is_sent_at_once_is_to_be_confirmed(client, published, broker_url, monkeypatch, kind):
    @contextmanager
    def connected():
        yield current_app.connection_for_write()

    broker_url("amqp://u:p@mq.test/garden")
    monkeypatch.setattr(publishing, "connection", connected)
    # A group takes a producer of the application's own pool, too; leave none to that broker behind.
    monkeypatch.setattr(current_app, "_pool", None)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    start(client, kind)
    assert len(published) == (10 if kind in {"group", "chord"} else 1)
    for message in published:
        assert message["producer"] is published[0]["producer"] is not None
        assert (message["retry"], message["timeout"], message["confirm_timeout"]) == (False, 2, 2)
        # What a worker will send keeps the workers' patience.
        assert "retry" not in (message.get("chord") or add.s()).options
    assert publishing.confirming_options() == {}


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


@pytest.mark.parametrize("kind", ["chord", "fan"])
def test_a_chord_without_a_result_backend_is_refused_in_words(client, published, monkeypatch, kind):
    none = Celery("other", backend="disabled://", set_as_current=False)
    monkeypatch.setattr(services, "current_app", none)
    response = client.post("/canvas/", {"kind": kind})
    assert response.status_code == 400
    assert "a chord needs a result backend" in response.json()["error"]
    assert not Run.objects.exists()


def test_the_admin_edits_widgets(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    response = client.post("/admin/canvas/widget/add/", {"name": "Dibber"})
    assert response.status_code == 302
    assert "Dibber" in client.get("/admin/canvas/widget/?q=dib").text

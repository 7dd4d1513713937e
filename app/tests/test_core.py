"""Publishing, in-process tasks, request ids, logs, topology."""

import socket
import subprocess
import sys
import threading
import time
import uuid
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import amqp
import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError

from core import publishing
from core.control import broadcast
from core.publishing import NotConfirmed, publish


@pytest.fixture
def hung_server():
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "{}:{}".format(*server.getsockname())


@pytest.mark.parametrize("url", ["amqp://u:secret@127.0.0.1:1/garden", "redis://:secret@127.0.0.1:1/0"])
def test_a_refused_connection_is_not_confirmed_at_once(broker_url, url):
    broker_url(url)
    began = time.monotonic()
    with pytest.raises(NotConfirmed) as caught:
        publish(current_app.tasks["celery.accumulate"], {})
    assert time.monotonic() - began < 3
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_hung_broker_is_given_up_within_seconds(broker_url, hung_server, scheme, client):
    broker_url(f"{scheme}://u:secret@{hung_server}/0")
    began = time.monotonic()
    response = client.post("/tasks/", {"type": "0"})
    assert response.status_code == 503
    assert time.monotonic() - began < 8


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_command_to_the_workers_is_given_up_within_seconds(broker_url, hung_server, scheme, client):
    broker_url(f"{scheme}://u:secret@{hung_server}/0")
    began = time.monotonic()
    response = client.post(f"/tasks/{uuid.uuid4()}/cancel/")
    assert response.status_code == 503
    assert "secret" not in response.text
    assert time.monotonic() - began < 8


def test_a_command_to_the_workers_arrives(worker):
    # over the in-memory broker, to the worker of this process
    answers = broadcast("ping", reply=True, timeout=0.2)
    assert [answer for node in answers for answer in node.values()] == [{"ok": "pong"}]


def test_a_confirmed_message_is_in_its_queue(broker_url):
    broker_url("memory://elsewhere//")
    task_id = publish(current_app.tasks["celery.accumulate"], {"index": 0}, queue="mail", expires=60)
    with publishing.connection() as link:
        message = link.default_channel.basic_get("mail", no_ack=True)
    assert message.headers["id"] == task_id
    assert message.headers["kwargsrepr"] == "{'index': 0}"


def test_an_idle_connection_that_its_peer_closed_is_seen():
    ours, theirs = socket.socketpair()

    class Link:
        connected = True
        connection = type("Transport", (), {"sock": ours})

    with ours:
        assert publishing._is_stale(Link) is False
        theirs.close()
        assert publishing._is_stale(Link) is True


def test_a_broker_with_an_alarm_refuses_at_once_and_is_left_alone(broker_url):
    """It tells a connection that publishes; nobody waits for a timeout then, and nothing more is sent for a while."""
    broker_url("amqp://u:secret@alarmed.invalid//")
    heard = publishing._pool().connection.transport_options["on_blocked"]
    with pytest.raises(OperationalError, match="blocked"):
        amqp.Connection(on_blocked=heard)._on_blocked()
    with pytest.raises(NotConfirmed, match="a moment ago"):
        publish(current_app.tasks["celery.accumulate"], {"index": 0})


def test_a_broker_that_goes_on_saying_nothing_is_left_alone_until_it_speaks(broker_url, monkeypatch):
    """Else each process of the web waits for it again and again, and nobody is left to answer pages."""
    monkeypatch.setattr(publishing, "STEP_TIMEOUT", 0.2)
    monkeypatch.setattr(publishing, "PATIENCE", 0.1)
    monkeypatch.setattr(publishing, "PAUSE", 0.5)
    task = current_app.tasks["celery.accumulate"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker_url(f"amqp://u:secret@127.0.0.1:{silent.getsockname()[1]}//")
        for reason in ("OperationalError", "OperationalError", "a moment ago"):
            with pytest.raises(NotConfirmed, match=reason):
                publish(task, {"index": 0})
    broker_url("memory://elsewhere//")
    time.sleep(0.5)
    publish(task, {"index": 0}, queue="mail", expires=60)
    assert publishing._silent_since is None


def test_a_connection_is_given_up_without_a_farewell():
    """A broker that reads nothing would not answer it."""
    link = Mock(connected=True, connection=Mock(spec=amqp.Connection))
    publishing._drop(link)
    assert [name for name, *_ in link.mock_calls] == ["connection.collect", "collect"]


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_a_post_returns_at_once_and_the_task_runs(client, monkeypatch):
    began = threading.Event()
    go_on = threading.Event()

    def sleep(seconds):
        began.set()
        assert go_on.wait(10)

    monkeypatch.setattr("tasks.tasks.time", SimpleNamespace(sleep=sleep))
    task_id = client.post("/tasks/", {"type": "1"}).json()["task_id"]
    assert began.wait(10)
    assert client.get(f"/tasks/{task_id}/").json()["task_status"] == "STARTED"
    go_on.set()
    deadline = time.monotonic() + 10
    while (answer := client.get(f"/tasks/{task_id}/").json())["task_status"] != "SUCCESS":
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    assert answer["task_result"] is True


def test_declare_topology_has_nothing_to_do_without_rabbitmq(broker_url):
    for url in ("", "redis://127.0.0.1:1/0"):
        broker_url(url)
        out = StringIO()
        call_command("declare_topology", stdout=out)
        assert "Nothing to declare" in out.getvalue()


def test_declare_topology_fails_without_showing_the_password(broker_url, monkeypatch):
    broker_url("amqp://u:secret@127.0.0.1:1/garden")
    monkeypatch.setattr("core.management.commands.declare_topology.PATIENCE", {"max_retries": 1})
    with pytest.raises(CommandError) as caught:
        call_command("declare_topology")
    assert "OperationalError" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_proxys_request_id_is_kept(client):
    assert client.get("/livez", headers={"X-Request-ID": "abc-1"})["X-Request-ID"] == "abc-1"


@pytest.mark.parametrize("forged", ["", "a b", "x" * 65, "a\u2028b"])
def test_any_other_request_id_is_replaced(client, forged):
    assert len(client.get("/livez", headers={"X-Request-ID": forged})["X-Request-ID"]) == 32


def test_an_unknown_host_is_refused(client):
    assert client.get("/", headers={"Host": "evil.test"}).status_code == 400


def test_answers_carry_the_security_headers(client):
    response = client.get("/livez")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_the_server_starts_with_its_views_and_tasks_loaded():
    """A process that has just loaded the entry point imports nothing more for its first request."""
    script = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.local"
import config.wsgi
from celery import current_app
print("ledger.views" in sys.modules, "ledger.tasks" in sys.modules, current_app.finalized)
"""
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True"]

"""Whether the answer is right, bounded in time, and silent about secrets."""

import logging
import threading
import time

import pytest
from django.core.signals import request_finished
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from health import checks, services

NAMES = ["database", "cache", "broker", "migrations"]


def test_livez_needs_nothing(client):
    # without access to the database: pytest-django would raise
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_readyz_tells_each_check_and_its_time(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    answer = response.json()
    assert answer["status"] == "ok"
    assert sorted(answer["checks"]) == sorted(NAMES)
    assert all(check["ok"] is True and check["ms"] >= 0 for check in answer["checks"].values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ready", [True, False])
def test_a_ready_process_has_its_connection_before_its_first_visitor(client, monkeypatch, ready):
    monkeypatch.setattr(request_finished, "send", lambda *_, **__: None)
    if not ready:
        monkeypatch.setitem(services.CHECKS, "cache", lambda: 1 / 0)
    connection.close()
    client.get("/readyz")
    assert (connection.connection is not None) is ready


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_failing_check_is_named_and_no_secret_shown(client, monkeypatch, caplog, name):
    def fail():
        raise OperationalError("connection to postgresql://garden:secret@db failed")

    monkeypatch.setitem(services.CHECKS, name, fail)
    with caplog.at_level(logging.WARNING):
        response = client.get("/readyz")
    assert response.status_code == 503
    answer = response.json()
    assert answer["status"] == "unavailable"
    assert [n for n, check in answer["checks"].items() if not check["ok"]] == [name]
    assert answer["checks"][name]["error"] == "OperationalError"
    assert "secret" not in response.text + caplog.text
    assert f"readyz: {name}: OperationalError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_hanging_service_is_given_up_and_not_asked_twice(client, monkeypatch):
    release, asked = threading.Event(), []

    def hang():
        asked.append(1)
        release.wait(10)

    monkeypatch.setattr(services, "LIMIT", 0.3)
    monkeypatch.setitem(services.CHECKS, "cache", hang)
    try:
        began = time.monotonic()
        answers = [client.get("/readyz").json() for _ in range(2)]
        assert time.monotonic() - began < 2
    finally:
        release.set()
    assert all("no answer" in answer["checks"]["cache"]["error"] for answer in answers)
    assert all(answer["checks"]["database"]["ok"] for answer in answers)
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_is_named(client):
    recorder = MigrationRecorder.Migration.objects
    newest = recorder.filter(app="ledger").latest("pk")
    newest.delete()
    try:
        response = client.get("/readyz")
    finally:
        recorder.create(app=newest.app, name=newest.name)
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"]["error"] == f"not applied: ledger.{newest.name}"


def test_a_cache_that_forgets_is_not_ready(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    with pytest.raises(checks.NotReady):
        checks.cache_store()


@pytest.mark.parametrize("url", ["amqp://garden:secret@127.0.0.1:1/garden", "redis://:secret@127.0.0.1:1/0"])
def test_a_broker_that_refuses_is_not_ready(client, broker_url, monkeypatch, url):
    broker_url(url)
    monkeypatch.setattr(services, "CHECKS", {"broker": checks.broker})
    began = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - began < 5
    assert response.status_code == 503
    assert "secret" not in response.text
    assert response.json()["checks"]["broker"]["ok"] is False


def test_other_methods_are_refused(client):
    assert client.post("/livez").status_code == 405
    assert client.post("/readyz").status_code == 405

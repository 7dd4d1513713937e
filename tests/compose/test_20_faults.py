"""compose/production under load while its parts are killed, stopped and started again: no accepted task is lost."""

from __future__ import annotations

import ssl
import time
import uuid

import httpx
import pytest
from load import verdict
from load.process import Load
from stack import Stack, until

IN_TURN = [
    "redis_cache",
    "redis",
    "rabbitmq",
    "db",
    "web",
    "nginx",
    "celery_worker",
    "celery_worker_slow",
    "celery_beat",
]


@pytest.fixture
def client(production):
    """A client of the site."""
    plan = production.plan()
    with httpx.Client(
        base_url=plan.base_urls[0], verify=ssl.create_default_context(cafile=plan.ca), timeout=20, trust_env=False
    ) as client:
        yield client


def judge_under_load(stack: Stack, path, work) -> dict:
    """Run the load while the work is done; return the verdict."""
    load = Load(stack.plan(), path)
    load.start()
    try:
        time.sleep(5)
        work()
        time.sleep(5)
    finally:
        load.stop()
    return verdict.judge(path, [], 180)


def test_a_killed_worker_loses_nothing(production, tmp_path):
    def kill():
        production.compose("kill", "--signal", "KILL", "celery_worker")
        production.compose("up", "--detach", "--no-deps", "celery_worker")

    found = judge_under_load(production, tmp_path / "samples", kill)
    assert found["dropped"] == []
    assert found["ledger"]["accepted"] == found["ledger"]["completed"] > 50


def test_stop_lets_a_long_task_end(production, client):
    key = f"compose.{uuid.uuid4().hex}"
    assert client.post("/ledger/", data={"key": key, "seconds": "20"}).status_code == 202
    # Until a worker has it in hand.
    until(
        lambda: production.execute("celery_worker", "celery", "--app", "config", "inspect", "active"),
        lambda text: "'seconds': 20.0" in text,
        20,
    )
    began = time.monotonic()
    production.compose("stop", "celery_worker")
    took = time.monotonic() - began
    assert 5 < took < 60
    found = client.get("/ledger/summary/", params={"prefix": key}).json()
    assert (found["accepted"], found["completed"], found["duplicated"]) == (1, 1, 0)
    assert "Warm shutdown" in production.compose("logs", "--no-color", "celery_worker")
    production.compose("start", "celery_worker")


def test_a_restart_of_each_service_in_turn_loses_nothing(production, tmp_path):
    """Requests may be refused while what they need is away; what was accepted is done, once."""

    def restart():
        for service in IN_TURN:
            production.compose("restart", "--timeout", "30", service)
            healthy = lambda service=service: production.compose("ps", "--format", "{{.Service}} {{.Health}}", service)  # noqa: E731
            until(healthy, lambda text: "unhealthy" not in text and ("healthy" in text or "beat" in text), 90)

    found = judge_under_load(production, tmp_path / "samples", restart)
    ledger = found["ledger"]
    assert ledger["accepted"] > 100
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    assert ledger["accepted"] == ledger["completed"]

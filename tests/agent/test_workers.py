"""``workers``, ``consume``, ``inflight`` and ``probe`` with real workers, on a broker in memory."""

from __future__ import annotations

import threading
import time

import jobs
import pytest
from celery.contrib.testing.worker import start_worker
from cloche_agent import cli, consume, empty, inflight, probe, workers
from cloche_agent.output import Failure

NODE, OTHER = "old@here", "new@here"


def run(module, *arguments):
    """Return the verb's result, as from the command line."""
    verb = module.__name__.rpartition(".")[2]
    return module.run(cli.parser().parse_args([verb, "--celery", "jobs:app", *arguments]))


@pytest.fixture(scope="module", autouse=True)
def _workers():
    """Run two workers of one thread for tasks, so that a second task is reserved; ending one takes seconds."""
    options = {
        "app": jobs.app,
        "pool": "threads",
        "concurrency": 1,
        "perform_ping_check": False,
        "loglevel": "critical",
    }
    with start_worker(hostname=NODE, **options), start_worker(hostname=OTHER, **options):
        yield
        jobs.go_on.set()


@pytest.fixture(autouse=True)
def _idle():
    """Begin with idle workers that consume nothing."""
    jobs.go_on.set()
    run(consume, "--nodes", NODE, OTHER, "--stop")
    jobs.until(lambda: not any(node["active"] for node in run(inflight, "--nodes", NODE, OTHER)["nodes"].values()))
    jobs.app.control.purge()
    jobs.go_on.clear()


def serve(node, *queues):
    """Let a worker consume queues."""
    run(consume, "--nodes", node, "--start", *queues)


def test_a_handover():
    """The new node answers, the old one gives up its queues, ends what it reserved, and keeps what it works on."""
    serve(NODE, "fast", "slow")
    serve(OTHER, "slow")
    for _ in range(3):
        jobs.wait.apply_async(queue="jobs.fast")
    jobs.until(lambda: len(run(inflight, "--nodes", NODE)["nodes"][NODE]["reserved"]) == 2)
    threading.Timer(0.5, jobs.go_on.set).start()
    result = run(workers, "--await", OTHER, "--retire", NODE, "--drain-timeout", "10")
    retired = result["retired"][NODE]
    assert result["answered"] == [OTHER]
    assert (retired["answered"], retired["queues"], retired["reserved"]) == (True, ["jobs.fast", "jobs.slow"], 0)
    assert result["left"] == {"jobs.fast": 0, "jobs.slow": 0}
    assert result["seconds"]["retire"] >= 0.4
    assert run(inflight, "--nodes", NODE, OTHER)["nodes"][NODE]["queues"] == []
    assert run(inflight, "--nodes", NODE, OTHER)["nodes"][OTHER]["queues"] == ["jobs.slow"]


def test_what_a_node_works_on_is_not_waited_for():
    serve(NODE, "fast", "slow")
    identity = jobs.wait.apply_async(queue="jobs.fast").id
    jobs.until(lambda: run(inflight, "--nodes", NODE)["nodes"][NODE]["active"])
    retired = run(workers, "--retire", NODE, "--drain-timeout", "10")["retired"][NODE]
    (task,) = retired["active"]
    assert (task["id"], task["name"], retired["reserved"]) == (identity, "jobs.wait", 0)
    assert task["started"].endswith("+00:00")


def test_reserved_tasks_that_stay_are_told():
    serve(NODE, "fast", "slow")
    for _ in range(3):
        jobs.wait.apply_async(queue="jobs.fast")
    jobs.until(lambda: run(inflight, "--nodes", NODE)["nodes"][NODE]["reserved"])
    retired = run(workers, "--retire", NODE, "--drain-timeout", "1")["retired"][NODE]
    assert retired["reserved"] == 2


def test_a_silent_new_node_leaves_the_old_one_alone():
    serve(NODE, "fast", "slow")
    with pytest.raises(Failure) as failure:
        run(workers, "--await", "nobody@here", "--await", NODE, "--retire", NODE, "--start-timeout", "0.5")
    result = failure.value.result()
    assert (result["step"], result["missing"], result["answered"]) == ("await", ["nobody@here"], [NODE])
    assert run(inflight, "--nodes", NODE)["nodes"][NODE]["queues"] == ["jobs.fast", "jobs.slow"]


def test_a_silent_old_node_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(workers, "_ANSWER", 0.5)
    started = time.monotonic()
    retired = run(workers, "--retire", "nobody@here", "--drain-timeout", "30")["retired"]
    assert retired == {"nobody@here": {"answered": False, "queues": [], "active": [], "reserved": None}}
    assert time.monotonic() - started < 5


def test_empty():
    """Queues empty while workers consume; one that nobody serves is not waited for longer than told."""
    serve(NODE, "fast")
    for _ in range(6):
        jobs.wait.apply_async(queue="jobs.fast")
    jobs.until(lambda: run(inflight, "--nodes", NODE)["nodes"][NODE]["reserved"])
    threading.Timer(1, jobs.go_on.set).start()
    result = run(empty, "--timeout", "15", "fast")
    assert result["left"] == {"fast": 0}
    assert 0.7 < result["seconds"] < 10
    jobs.wait.apply_async(queue="jobs.slow")
    result = run(empty, "--timeout", "0.5", "fast", "slow")
    assert result["left"] == {"fast": 0, "slow": 1}


def test_consume():
    serve(NODE, "fast", "slow")
    stopped = run(consume, "--nodes", NODE, "--stop")["nodes"]
    assert stopped == {NODE: {"was": ["jobs.fast", "jobs.slow"], "queues": []}}
    assert run(consume, "--nodes", NODE, "--start", "slow")["nodes"][NODE]["queues"] == ["jobs.slow"]
    with pytest.raises(Failure, match="nobody@here") as failure:
        run(consume, "--nodes", NODE, "nobody@here", "--stop", "--timeout", "1")
    assert failure.value.facts["nodes"][NODE]["queues"] == []
    with pytest.raises(Failure, match="the queue typo is not one of"):
        run(consume, "--nodes", NODE, "--start", "typo")


def test_inflight_names_the_silent():
    serve(NODE, "fast", "slow")
    result = run(inflight, "--nodes", NODE, "nobody@here", "--timeout", "0.5")
    assert result["missing"] == ["nobody@here"]
    assert result["nodes"] == {NODE: {"active": [], "reserved": [], "queues": ["jobs.fast", "jobs.slow"]}}


def test_probe():
    """Short names and full ones; of two queues only one is served."""
    serve(NODE, "fast")
    assert run(probe, "fast")["queues"]["fast"]["ok"] is True
    with pytest.raises(Failure, match=r"not served: slow \(no answer within 0.5 s\)") as failure:
        run(probe, "jobs.fast", "slow", "--timeout", "0.5")
    queues = failure.value.facts["queues"]
    assert queues["jobs.fast"]["ok"] is True and queues["jobs.fast"]["seconds"] < 0.5
    assert queues["slow"] == {"ok": False, "reason": "no answer within 0.5 s"}


def test_a_probe_that_fails():
    serve(NODE, "fast", "slow")
    with pytest.raises(Failure) as failure:
        run(probe, "fast", "--task", "jobs.fail")
    assert failure.value.facts["queues"]["fast"]["reason"] == "ValueError: amqp://jobs:***@broker//"


def test_a_probe_without_results(monkeypatch):
    from celery.backends.base import DisabledBackend

    monkeypatch.setattr(jobs.app, "_backend", DisabledBackend(app=jobs.app))
    monkeypatch.setattr(type(jobs.app), "backend", property(lambda app: app._backend))
    answer = run(probe, "fast")["queues"]["fast"]
    assert answer["ok"] is None and "keeps no results" in answer["reason"]

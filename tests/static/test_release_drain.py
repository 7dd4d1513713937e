"""A host goes out of service without losing a task, stays out over deploys and reboots, and comes back as it was."""

from __future__ import annotations

import handover_samples
import pytest
from ansible.module_utils.release import drain as module_under_test
from ansible.module_utils.release.agent import AgentError
from ansible.module_utils.release.drain import Drain
from conftest import plugin
from handover_samples import NEW, OLD_BEAT, OLD_WEB, OLD_WORKERS, WEB, WORKER, node

drained = plugin("modules/release_drain")
programs = plugin("modules/release_programs")
story = plugin("filter/story")
PARAMS = {"celery_app": "config", "health": None, "start_timeout": 40, "drain_timeout": 90, "quiet": 5}
TASK = {"id": "1", "name": "jobs.wait", "started": None}


def holding(active=(), reserved=()):
    return {"active": list(active), "reserved": list(reserved), "queues": []}


@pytest.fixture
def place(monkeypatch, tmp_path_factory):
    """Return a drain of the host on which two workers run, and the agent it asks: they hold nothing."""
    handover, agent = handover_samples.make(monkeypatch, tmp_path_factory.mktemp("d"))
    monkeypatch.setattr(module_under_test, "ask", agent)
    monkeypatch.setattr(module_under_test, "LEAVE", 0)
    agent.answer |= {
        "nodes": {node(name): holding() for name in OLD_WORKERS},
        "finished": {node(OLD_WORKERS[0]): [TASK]},
    }
    return Drain(handover, "config"), agent


def out(drain, **changed):
    return drained.go_out(drain, PARAMS | {"drain_timeout": 0} | changed)


def states(found):
    return {worker["program"]: worker["state"] for worker in found["workers"]}


def test_workers_stop_consuming_before_anything_is_told_to_end(place):
    drain, agent = place
    found = out(drain, drain_timeout=0)
    consume, inflight, *stops = agent.calls
    nodes = [node(name) for name in OLD_WORKERS]
    assert consume[2:-1] == ("consume", "--celery", "config", "--nodes", *nodes, "--stop")
    assert inflight[2:-1] == ("inflight", "--celery", "config", "--nodes", *nodes, "--wait", "0")
    assert stops == [("stopProcess", f"{name}:*", False, "not described") for name in OLD_WORKERS]
    assert found["workers"][0]["finished"] == ["jobs.wait"]
    assert drain.layout.drained.exists()
    # Told to end, and not seen to.
    assert (states(found), found["busy"]) == (dict.fromkeys(OLD_WORKERS, "ends"), True)


def test_a_worker_with_tasks_to_begin_is_not_told_to_end(place):
    """TERM would hand them back, and drop what is written to a child already: both run twice."""
    drain, agent = place
    agent.answer["nodes"][node(OLD_WORKERS[0])] = holding([TASK], [TASK])
    found = out(drain)
    assert states(found)[OLD_WORKERS[0]] == "holds"
    assert found["busy"]
    assert drain.supervisor.states()[OLD_WORKERS[0]] == "RUNNING"
    assert drain.supervisor.states()[OLD_WORKERS[1]] == "STOPPING"


def test_a_silent_worker_is_not_taken_for_an_idle_one(place):
    drain, agent = place
    del agent.answer["nodes"][node(OLD_WORKERS[0])]
    assert states(out(drain))[OLD_WORKERS[0]] == "silent"
    assert drain.supervisor.states()[OLD_WORKERS[0]] == "RUNNING"


def test_a_worker_that_goes_on_consuming_ends_the_attempt_with_the_host_marked(place):
    drain, agent = place
    agent.error = AgentError("consume: still consumes")
    with pytest.raises(AgentError):
        out(drain)
    assert set(OLD_WORKERS) <= {name for name, state in drain.supervisor.states().items() if state == "RUNNING"}
    assert drain.layout.drained.exists()


def test_what_still_ends_since_the_last_attempt_is_told_and_awaited(place):
    drain, agent = place
    out(drain)
    agent.calls.clear()
    again = out(drain)
    assert (states(again), again["changed"], again["busy"]) == (dict.fromkeys(OLD_WORKERS, "ends"), False, True)
    for name in OLD_WORKERS:
        drain.supervisor._rpc.run(name, "EXITED")
    assert out(drain) == {"changed": False, "workers": [], "requests": 0, "busy": False}
    assert [call for call in agent.calls if call[0] == "ask"] == []


def test_requests_under_way_are_waited_for(place, monkeypatch):
    drain, _ = place
    left = [2, 1, 0]
    monkeypatch.setattr(module_under_test, "POLL", 0)
    monkeypatch.setattr(module_under_test, "under_way", lambda path: left.pop(0) if left else 0)
    assert drain.await_quiet(0, 5) == 0
    assert left == []
    monkeypatch.setattr(module_under_test, "under_way", lambda path: 3)
    assert drain.await_quiet(5, 0) == 3


def test_a_deploy_meanwhile_starts_no_worker_but_the_web_process(place):
    drain, agent = place
    drain.layout.drained.touch()
    agent.calls.clear()
    assert programs.hand_over_workers(drain.handover, PARAMS | {"early": ["web"], "empty_first": 0}) == ([], [])
    assert WORKER not in drain.supervisor.states()
    assert drain.supervisor.states()[WEB] == "RUNNING"
    assert "ask" not in [call[0] for call in agent.calls]


def test_back_in_service_the_workers_of_the_live_release_answer_first(place):
    drain, agent = place
    drain.layout.drained.touch()
    found = drained.come_in(drain, PARAMS)
    assert (found["started"], found["changed"]) == ([WORKER], True)
    assert [call[2:7] for call in agent.calls if call[0] == "ask"] == [
        ("workers", "--celery", "config", "--start-timeout", "40")
    ]
    assert not drain.layout.drained.exists()
    # Of the release before, which a drain that did not end has left.
    assert {drain.supervisor.states()[name] for name in OLD_WORKERS} == {"STOPPING"}
    assert drained.come_in(drain, PARAMS)["changed"] is False


def test_workers_that_do_not_answer_leave_the_host_drained(place):
    drain, agent = place
    drain.layout.drained.touch()
    agent.error = AgentError("workers: no answer")
    with pytest.raises(Exception, match="no answer"):
        drained.come_in(drain, PARAMS)
    drain.handover.withdraw("worker")
    assert drain.supervisor.states()[WORKER] == "STOPPING"
    assert drain.layout.drained.exists()


def test_what_exists_once_is_named(place):
    drain, _ = place
    drain.supervisor._rpc.run(OLD_BEAT, "RUNNING")
    drain.supervisor._rpc.run(OLD_WEB, "RUNNING")
    assert drain.singles() == [OLD_BEAT]


def test_the_report_names_what_still_runs():
    road = {"road": {"app": {"name": "garden"}}, "release": NEW, "singles": [OLD_BEAT], "requests": 2, "busy": True}
    worker = {"program": WORKER, "finished": ["a.b"], "left": ["c.d"], "state": "ends"}
    text = story.drain_report([road | {"workers": [worker]}], "one")
    for words in ("not drained yet", "finished a.b", "holds c.d", "2 requests are under way", f"{OLD_BEAT}: runs on"):
        assert words in text, text


def test_a_worker_that_was_left_running_consumes_its_queues_again(place):
    drain, agent = place
    definition = drain.layout.programs(NEW) / f"{WORKER}.conf"
    definition.write_text(f"[program:{WORKER}]\ncommand=run celery worker --queues=default,mail --loglevel=INFO\n")
    drained.come_in(drain, PARAMS)
    drain.layout.drained.touch()
    agent.calls.clear()
    assert drained.come_in(drain, PARAMS)["started"] == []
    assert agent.calls[-1][2:-1] == (
        "consume", "--celery", "config", "--nodes", node(WORKER), "--start", "default", "mail",
    )  # fmt: skip

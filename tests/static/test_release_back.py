"""On the way back there is nothing else that could serve: what runs stays, and gets the time that it takes."""

from __future__ import annotations

import handover_samples
import pytest
from ansible.module_utils.release.agent import AgentError
from ansible.module_utils.release.handover import HandoverError
from conftest import plugin
from handover_samples import NEW, WORKER, node

programs = plugin("modules/release_programs")
BACK = {"kind": "worker", "celery_app": "config", "early": [], "queues": ["default"], "back": True}
LIMITS = {"start_timeout": 40, "drain_timeout": 90, "empty_first": 300}


@pytest.fixture
def place(monkeypatch, tmp_path_factory):
    return handover_samples.make(monkeypatch, tmp_path_factory.mktemp("h"))


def test_a_way_back_has_never_less_time_than_the_code_takes(place):
    release, _ = place
    release.layout.loading(NEW).write_text("20.0")
    assert [release.patience(asked, back=True) for asked in (0, 10, 300)] == [240, 240, 300]


def test_workers_that_do_not_answer_in_time_stay(place):
    """Those of the failed release end next, whatever comes: without these there would be none at all."""
    release, agent = place
    agent.error = AgentError(f"no answer after 40 s from {node(WORKER)}")
    with pytest.raises(HandoverError, match=f"the log of {WORKER}"):
        programs.hand_over(release, BACK | LIMITS)
    assert release.supervisor.states()[WORKER] == "RUNNING"

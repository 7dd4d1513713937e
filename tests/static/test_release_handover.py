"""From one release to the next: nothing is taken from the old workers before the new ones serve."""

from __future__ import annotations

import handover_samples
import pytest
from ansible.module_utils.release.agent import AgentError
from ansible.module_utils.release.handover import HandoverError
from ansible.module_utils.release.priority import BOOTING, USUAL
from ansible.module_utils.release.supervisor import SupervisorError
from conftest import plugin
from handover_samples import BEAT, NEW, OLD, OLD_BEAT, OLD_WEB, OLD_WORKERS, WEB, WORKER, asked, node

programs = plugin("modules/release_programs")
withdrawal = plugin("modules/release_withdraw")
LIMITS = {"start_timeout": 40, "drain_timeout": 90, "empty_first": 0, "back": False}
PARAMS = LIMITS | {"kind": "worker", "celery_app": "config", "early": [], "queues": ["default", "slow"]}
STOPS = [("stopProcess", f"{program}:*", False, "not described") for program in OLD_WORKERS]


@pytest.fixture
def place(monkeypatch, tmp_path_factory):
    return handover_samples.make(monkeypatch, tmp_path_factory.mktemp("h"))


@pytest.fixture
def release(place):
    return place[0]


@pytest.fixture
def agent(place):
    return place[1]


def test_the_programs_of_a_kind_and_what_they_take_over_from(release):
    fake = release.supervisor._rpc
    fake.run(f"garden-worker-ended-{OLD}", "EXITED")
    fake.run(f"garden-worker-draining-{OLD}", "STOPPING")
    fake.run(f"orchard-worker-all-{OLD}", "RUNNING")
    assert release.others("worker") == OLD_WORKERS
    assert release.start("worker") == [WORKER]
    assert release.start("worker") == []
    assert release.others("worker") == OLD_WORKERS
    assert release.others("web") == [OLD_WEB]
    assert release.others("beat") == []


@pytest.mark.parametrize(("took", "asked", "seconds"), [("2.5", 0, 60), ("20.0", 0, 240), ("20.0", 5, 5), ("", 0, 60)])
def test_programs_get_the_time_that_their_code_takes_unless_somebody_says_another(release, took, asked, seconds):
    """A large project on a busy host must not fail for its size; whoever says a number means it."""
    if took:
        release.layout.loading(NEW).write_text(took)
    assert release.patience(asked) == seconds


# --- workers --------------------------------------------------------------------------------------------------------


def test_old_workers_are_told_to_end_only_after_the_agent_has_handed_over(release, agent):
    started, retired = programs.hand_over_workers(release, PARAMS)
    assert (started, retired) == ([WORKER], OLD_WORKERS)
    begun, added, booting, question, *rest = agent.calls
    assert (begun[0], added) == ("reloadConfig", ("addProcessGroup", WORKER))
    # It boots behind what serves, and is what serves before the old ones end.
    pids = release.supervisor.pids([WORKER])
    assert len(pids) == 1
    assert booting == ("policy", pids, BOOTING)
    assert rest == [("policy", pids, USUAL), *STOPS]
    assert question[:3] == ("ask", NEW, "workers")
    assert asked(question) == {
        "--celery": ["config"],
        "--start-timeout": ["40"],
        "--drain-timeout": ["90"],
        "--await": [node(WORKER)],
        "--retire": [node(program) for program in OLD_WORKERS],
    }
    # It may use all of its times, and then says itself what took them.
    assert question[-1] > 40 + 90


def test_on_the_way_back_the_newer_workers_empty_their_queues_before_an_older_one_starts(release, agent):
    """It would take, and reject, what only they know."""
    programs.hand_over_workers(release, PARAMS | {"empty_first": 300})
    first, *rest = agent.calls
    assert first[:-1] == ("ask", NEW, "empty", "--celery", "config", "--timeout", "300", "default", "slow")
    assert first[-1] > 300
    rest = [call[0] for call in rest if call[0] != "policy"]
    assert rest == ["reloadConfig", "addProcessGroup", "ask", "stopProcess", "stopProcess"]


def test_where_no_other_worker_runs_nobody_empties_a_queue(release, agent):
    for program in OLD_WORKERS:
        release.supervisor._rpc.run(program, "STOPPING")
    programs.hand_over_workers(release, PARAMS | {"empty_first": 300})
    assert [call[2] for call in agent.calls if call[0] == "ask"] == ["workers"]


def test_queues_that_cannot_be_looked_at_leave_everything_as_it_was(release, agent):
    agent.error = AgentError("empty: Connection refused")
    with pytest.raises(HandoverError, match="empty: Connection refused"):
        programs.hand_over_workers(release, PARAMS | {"empty_first": 300})
    assert WORKER not in release.supervisor.states()


def test_a_worker_that_does_not_answer_leaves_the_old_ones_untouched(release, agent):
    agent.error = AgentError(f"workers: no answer after 40 s from {node(WORKER)}")
    with pytest.raises(
        HandoverError, match=f"no answer after 40 s from {WORKER}@.*\n--- {WORKER}\nthe log of {WORKER}"
    ):
        programs.hand_over(release, PARAMS)
    assert {release.supervisor.states()[program] for program in OLD_WORKERS} == {"RUNNING"}
    assert release.supervisor.configured() == {*OLD_WORKERS, OLD_WEB}


def test_only_a_worker_that_holds_nothing_ends_behind_all_others(release, agent):
    """Its end takes a processor as long as many requests do; a task that still runs needs the processor."""
    idle, busy = OLD_WORKERS
    agent.answer["retired"] = {
        node(idle): {"answered": True, "active": [], "reserved": 0},
        node(busy): {"answered": True, "active": ["jobs.wait"], "reserved": 0},
    }
    programs.hand_over_workers(release, PARAMS)
    ending = [call[1] for call in agent.calls if call[0] == "policy"][2:]
    assert ending == [release.supervisor.pids([idle])]


def test_workers_of_an_attempt_that_was_cut_off_are_asked_and_retired_too(release, agent):
    """A step that is repeated starts nothing, and still must not take their word for granted."""
    programs.hand_over_workers(release, PARAMS)
    release.supervisor._rpc.run(OLD_WORKERS[0], "RUNNING")
    agent.calls.clear()
    assert programs.hand_over_workers(release, PARAMS) == ([], OLD_WORKERS[:1])
    question, *rest = [call for call in agent.calls if call[0] != "policy"]
    assert asked(question)["--await"] == [node(WORKER)]
    assert asked(question)["--retire"] == [node(OLD_WORKERS[0])]
    assert rest == STOPS[:1]


def test_a_host_without_workers_asks_nobody(release, agent):
    for path in release.programs("worker"):
        path.unlink()
    for program in OLD_WORKERS:
        release.supervisor._rpc.run(program, "STOPPING")
    assert programs.hand_over_workers(release, PARAMS) == ([], [])
    assert [call for call in agent.calls if call[0] == "ask"] == []


def test_a_worker_that_comes_back_while_it_drains_is_awaited_under_its_second_name(release, agent):
    """Under the first the node that ends would answer, or nobody."""
    release.supervisor._rpc.run(WORKER, "STOPPING")
    assert programs.hand_over_workers(release, PARAMS)[0] == [f"{WORKER}.2"]
    (question,) = [call for call in agent.calls if call[0] == "ask"]
    assert asked(question)["--await"] == [node(f"{WORKER}.2")]
    assert release.others("worker") == []


def test_a_web_process_that_starts_early_takes_nothing_over(release, agent):
    programs.hand_over_workers(release, PARAMS | {"early": ["web"]})
    assert release.supervisor.states()[WEB] == "RUNNING"
    assert release.supervisor.states()[OLD_WEB] == "RUNNING"
    assert not release.layout.web_link.is_symlink()
    agent.error = AgentError("workers: later")
    # It was started for this release: when the workers fail it goes with them.
    release.withdraw("worker")
    assert WEB not in release.supervisor.configured()


# --- withdrawal -----------------------------------------------------------------------------------------------------


def make_live(release):
    """Let the new release be the current one, its web program up."""
    release.layout.point(release.layout.current, release.layout.release(NEW))
    release.start("web")
    release.started.clear()


def test_a_web_program_that_an_earlier_step_started_goes_with_the_failed_release(release):
    release.start("web")
    release.started.clear()
    release.withdraw("web")
    assert WEB not in release.supervisor.configured()


def test_a_failing_check_of_the_live_release_does_not_stop_what_serves(release):
    make_live(release)
    assert release.withdraw("web") == ""
    assert WEB in release.supervisor.configured()


def test_a_first_release_that_failed_is_live_no_more(release, monkeypatch):
    """Else the next deploy would find it live, and not verify it."""
    release.start("web")
    release.switch_web()
    fake, layout = release.supervisor._rpc, release.layout
    monkeypatch.setattr("ansible.module_utils.release.supervisor.time.sleep", lambda _: fake.run(WEB, "STOPPED"))
    assert withdrawal.withdraw(layout, release.supervisor, {"app": "garden", "id": NEW, "timeout": 5}) == [WEB]
    assert (layout.current_id(), layout.web_link.is_symlink()) == (None, False)
    assert WEB not in release.supervisor.configured()


# --- what must not run twice ----------------------------------------------------------------------------------------


def test_beat_has_ended_before_the_next_one_begins(release, agent, monkeypatch):
    fake = release.supervisor._rpc
    fake.run(OLD_BEAT, "RUNNING")
    slept = []

    def end(seconds):
        slept.append(fake.groups.get(BEAT))
        fake.run(OLD_BEAT, "STOPPED")

    monkeypatch.setattr("ansible.module_utils.release.supervisor.time.sleep", end)
    assert programs.replace(release, PARAMS) == ([BEAT], [OLD_BEAT])
    assert slept == [None]
    names = [call[0] for call in agent.calls]
    assert names.index("removeProcessGroup") < names.index("addProcessGroup")
    assert OLD_BEAT not in release.supervisor.states()
    assert programs.replace(release, PARAMS) == ([], [])


def test_beat_that_does_not_end_is_an_error_and_the_next_one_is_not_started(release):
    release.supervisor._rpc.run(OLD_BEAT, "RUNNING")
    with pytest.raises(SupervisorError, match=f"{OLD_BEAT} has not ended"):
        programs.replace(release, PARAMS | {"drain_timeout": 0})
    assert BEAT not in release.supervisor.states()


@pytest.mark.parametrize("ending", [OLD_BEAT, BEAT], ids=["the old one", "itself, on the way back"])
def test_what_an_attempt_before_told_to_end_is_awaited_too(release, agent, monkeypatch, ending):
    """It would run beside the next one, or, as it may not, under a second name beside itself."""
    fake = release.supervisor._rpc
    fake.run(ending, "STOPPING")
    monkeypatch.setattr(
        "ansible.module_utils.release.supervisor.time.sleep", lambda seconds: fake.run(ending, "STOPPED")
    )
    assert programs.replace(release, PARAMS) == ([BEAT], [])
    up = [name for name, state in release.supervisor.states().items() if "-beat-" in name and state == "RUNNING"]
    assert (up, fake.groups[ending][ending]) == ([BEAT], "RUNNING" if ending == BEAT else "STOPPED")

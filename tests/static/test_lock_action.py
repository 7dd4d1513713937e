"""Who deploys, and whether whoever holds the lock is certain to be dead."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import action_samples
import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils.release.lock import DeployLock
from conftest import plugin

action = plugin("action/release_lock")


def mine(**changes):
    """Return what this very process would say of itself, with changes."""
    identity = {
        "host": platform.node(),
        "boot": action.boot(),
        "pid": os.getpid(),
        "started": action.started(os.getpid()),
    }
    words = {"who": "ana@desk", "at": "2026-11-02 10:00:00 UTC", "verb": "deploy", "release": "1-a", "token": "other"}
    return identity | words | changes


@pytest.fixture
def ended():
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


# --- is it dead? ----------------------------------------------------------------------------------------------------


def test_a_run_that_goes_on_has_not_ended():
    assert not action.has_ended(mine())


def test_a_run_whose_process_is_gone_has_ended(ended):
    assert action.has_ended(mine(pid=ended))


def test_a_number_that_another_process_has_got_meanwhile_proves_nothing():
    assert action.has_ended(mine(started=str(int(action.started(os.getpid())) - 1)))


def test_no_run_outlives_a_boot_even_where_number_and_time_agree():
    assert action.has_ended(mine(boot="00000000-0000-0000-0000-000000000000"))


def test_of_another_machine_nobody_can_say(ended):
    elsewhere = mine(host="elsewhere", boot="00000000-0000-0000-0000-000000000000", pid=ended)
    assert not action.has_ended(elsewhere)


def test_a_process_s_name_does_not_hide_when_it_began(tmp_path):
    """The name stands in the same line of /proc, and may hold spaces and parentheses."""
    program = tmp_path / "a ) 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "30"])
    try:
        assert int(action.started(process.pid)) >= int(action.started(os.getpid()))
    finally:
        process.kill()
        process.wait()


def test_a_run_is_described_by_the_process_that_its_forks_have_in_common():
    run = action.this_run()
    assert (run["pid"], run["started"]) == (os.getppid(), action.started(os.getppid()))
    assert not action.has_ended(run)
    assert run == action.this_run() | {"at": run["at"], "epoch": run["epoch"]}
    assert run["who"].endswith(f"@{platform.node()}")


def test_who_became_root_is_still_who_deploys(monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ana")
    assert action.this_run()["who"] == f"ana@{platform.node()}"


# --- what is done about it ------------------------------------------------------------------------------------------


@pytest.fixture
def task(tmp_path):
    """Return a way to call the action over a real lock; ``asked`` is what the module was given."""
    held = DeployLock("garden", tmp_path)

    def module(arguments):
        asked.append(arguments)
        if arguments.get("abandoned"):
            held.free(arguments["abandoned"])
        holder = held.take(arguments["owner"]) if arguments["state"] == "taken" else held.holder()
        return {"changed": True} | ({"holder": holder} if holder else {})

    def call(**options):
        return action_samples.call(action, module, {"app": "garden"} | options)

    asked: list[dict] = []
    call.held, call.asked = held, asked
    return call


def test_a_free_lock_is_taken_in_the_name_of_this_run(task):
    result = task(verb="rollback", release="2-b")
    assert task.held.holder() == result["owner"]
    assert (result["owner"]["verb"], result["owner"]["release"]) == ("rollback", "2-b")
    assert "found" not in result
    assert len(task.asked) == 1
    assert "found" not in task(verb="rollback", release="2-b")


@pytest.mark.parametrize("holder", [{}, {"host": "elsewhere", "pid": 1}], ids=["alive", "of another machine"])
@pytest.mark.parametrize("state", ["taken", "looked_at"])
def test_who_comes_second_hears_who_when_what_and_how_to_insist(task, holder, state):
    task.held.take(mine(**holder))
    with pytest.raises(AnsibleActionFail) as refused:
        task(state=state)
    for words in (
        "garden is locked by the deploy of 1-a by ana@desk since 2026-11-02 10:00:00 UTC",
        f"(process {holder.get('pid', os.getpid())})",
        "-e release_break_lock=true",
    ):
        assert words in str(refused.value)
    assert task.held.holder() == mine(**holder)
    assert len(task.asked) == 1


def test_the_lock_of_a_dead_run_is_taken_over_and_said(task, ended):
    task.held.take(mine(pid=ended, verb="", release=""))
    result = task()
    assert result["found"].startswith("the deploy by ana@desk since 2026-11-02 10:00:00 UTC")
    assert result["found"].endswith("did not end; its lock is taken over")
    assert task.held.holder() == result["owner"]


def test_who_insists_gets_the_lock_of_a_run_that_nobody_can_judge(task):
    task.held.take(mine(host="elsewhere"))
    result = task(break_lock=True)
    assert "ana@desk" in result["found"]
    assert task.held.holder() == result["owner"]


def test_looking_at_a_dead_run_s_lock_leaves_it(task, ended):
    task.held.take(mine(pid=ended))
    assert "ana@desk" in task(state="looked_at")["found"]
    assert task.held.holder() == mine(pid=ended)
    assert len(task.asked) == 1


def test_who_is_overtaken_at_a_dead_run_s_lock_is_refused_with_the_new_holder(ended):
    answers = [{"holder": mine(pid=ended)}, {"holder": mine(who="ben@desk")}]
    with pytest.raises(AnsibleActionFail, match="locked by the deploy of 1-a by ben@desk"):
        action_samples.call(action, lambda arguments: answers.pop(0), {"app": "garden"})

"""New programs boot behind what serves, with all their children, and only where that can be undone."""

from __future__ import annotations

import os
import subprocess
import threading
from types import SimpleNamespace

import pytest
from ansible.module_utils.release import priority


@pytest.fixture
def family(tmp_path):
    """Return the numbers of a process, of its child, whose name looks like the end of a name, and of its grandchild."""
    shell = tmp_path / "a ) 1 (b"
    shell.symlink_to("/bin/sh")
    script = "\"$0\" -c 'sleep 30 & echo $$ $!; wait' & wait"
    process = subprocess.Popen(["sh", "-c", script, shell], stdout=subprocess.PIPE, text=True, start_new_session=True)
    child, grandchild = map(int, process.stdout.readline().split())
    yield process.pid, child, grandchild
    os.killpg(process.pid, 9)
    process.communicate()


@pytest.fixture
def given(monkeypatch):
    """Return what policies threads are given; nobody's is changed."""
    found = {}
    monkeypatch.setattr(priority.os, "sched_setscheduler", lambda thread, policy, _: found.update({thread: policy}))
    monkeypatch.setattr(priority, "may_raise", lambda: True)
    return found


def test_a_program_s_processes_go_with_it_down_to_the_last(family, given):
    """gunicorn's workers are what imports the application, a worker's children what runs its tasks."""
    priority.set_policy([family[0]], priority.BOOTING)
    assert given == dict.fromkeys(family, priority.BOOTING)
    priority.set_policy([family[1]], priority.USUAL)
    assert given == {family[0]: priority.BOOTING, family[1]: priority.USUAL, family[2]: priority.USUAL}


def test_every_thread_of_a_process_goes_with_it(given):
    """Each has a policy of its own."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        priority.set_policy([os.getpid()], priority.BOOTING)
    finally:
        end.set()
        thread.join()
    assert {os.getpid(), thread.native_id} <= set(given)


def test_nothing_is_done_where_it_could_not_be_undone(family, given, monkeypatch):
    """As in a container without CAP_SYS_NICE, even for root: the release would be slow for ever."""
    monkeypatch.setattr(priority, "may_raise", lambda: False)
    priority.set_policy([family[0]], priority.BOOTING)
    assert given == {}


def test_a_host_without_an_idle_moment_still_comes_up(family, given, monkeypatch):
    monkeypatch.setattr(priority, "YIELDING_SECONDS", 0.1)
    priority.begin_boot([family[0]])
    assert given == dict.fromkeys(family, priority.BOOTING)
    (timer,) = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    # It must not keep the module from ending.
    assert timer.daemon
    timer.join(10)
    assert given == dict.fromkeys(family, priority.USUAL)
    given.clear()
    priority.begin_boot([])
    assert (given, [each for each in threading.enumerate() if isinstance(each, threading.Timer)]) == ({}, [])


@pytest.mark.parametrize(
    ("effective", "may"),
    [("000001ffffffffff", True), ("0000000000800000", True), ("00000000a80425fb", False), ("0", False)],
    ids=["root", "only this", "a container's root", "a user"],
)
def test_the_capability_decides(monkeypatch, effective, may):
    status = f"Name:\tpython\nCapPrm:\t000001ffffffffff\nCapEff:\t{effective}\nCapBnd:\t000001ffffffffff\n"
    monkeypatch.setattr(priority, "Path", lambda path: SimpleNamespace(read_text=lambda: status))
    assert priority.may_raise() is may


def test_a_process_that_has_ended_meanwhile_keeps_no_other_from_its_policy(family, given, monkeypatch):
    def set_scheduler(thread, policy, _):
        if thread == family[1]:
            raise ProcessLookupError
        given[thread] = policy

    monkeypatch.setattr(priority.os, "sched_setscheduler", set_scheduler)
    priority.set_policy([family[0], 2**30], priority.BOOTING)
    assert set(given) == {family[0], family[2]}


def test_at_the_end_every_program_of_the_application_has_the_usual_one_and_no_other_s(family, given):
    states = {"garden-web-1": "RUNNING", "garden-beat-1": "STARTING", "orchard-web-1": "RUNNING"}
    numbers = dict(zip(states, (family[2], family[1], os.getpid()), strict=True))
    supervisor = SimpleNamespace(states=lambda: states, pids=lambda names: [numbers[name] for name in names])
    priority.end_boot(supervisor, "garden")
    assert given == {family[1]: priority.USUAL, family[2]: priority.USUAL}

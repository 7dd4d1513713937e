"""The client of supervisord: programs come and go without one that ends being woken or torn down."""

from __future__ import annotations

import xmlrpc.client

import pytest
from ansible.module_utils.release import supervisor
from supervisor_fake import connect

PROGRAM = "garden-worker-slow-1"


@pytest.fixture
def host(monkeypatch, tmp_path):
    """Return a fake supervisord and the client that talks to it."""
    return connect(monkeypatch, tmp_path / "conf.d")


@pytest.fixture
def definition(tmp_path):
    path = tmp_path / f"{PROGRAM}.conf"
    path.write_text(f"[program:{PROGRAM}]\n")
    return path


def test_a_program_is_described_before_it_is_added_and_only_once(host, definition):
    fake, client = host
    assert client.start(definition) == (PROGRAM, True)
    assert fake.calls == [("reloadConfig", [PROGRAM]), ("addProcessGroup", PROGRAM)]
    assert client.conf(PROGRAM).read_text() == definition.read_text()
    assert client.start(definition) == (PROGRAM, False)
    assert len(fake.calls) == 2
    assert [path.name for path in fake.directory.iterdir()] == [f"{PROGRAM}.conf"]


@pytest.mark.parametrize("state", supervisor.GONE)
def test_a_program_that_ended_is_started_again(host, definition, state):
    fake, client = host
    fake.run(PROGRAM, state)
    assert client.start(definition) == (PROGRAM, True)
    assert fake.calls == [("startProcess", f"{PROGRAM}:*", False)]


def test_a_program_that_comes_back_while_it_drains_runs_beside_itself(host, definition):
    """supervisord starts nothing that is STOPPING, and a long task may keep it so for an hour."""
    fake, client = host
    definition.write_text(f"[program:{PROGRAM}]\ncommand=celery --hostname={PROGRAM}@%%h\n")
    fake.run(PROGRAM, "STOPPING")
    second = f"{PROGRAM}.2"
    assert client.start(definition) == (second, True)
    assert fake.calls == [("reloadConfig", [second]), ("addProcessGroup", second)]
    # Two nodes of one name would answer for each other.
    assert client.conf(second).read_text() == f"[program:{second}]\ncommand=celery --hostname={second}@%%h\n"
    assert client.start(definition) == (second, False)
    fake.run(second, "STOPPING")
    assert client.start(definition) == (f"{PROGRAM}.3", True)
    assert client.states() == {PROGRAM: "STOPPING", second: "STOPPING", f"{PROGRAM}.3": "RUNNING"}


@pytest.mark.parametrize("state", [*supervisor.GONE, None])
def test_a_program_keeps_its_name_when_what_drained_beside_it_has_ended(host, definition, state):
    """Else the next step would start a third one, and retire the one that serves as if it were another release's."""
    fake, client = host
    fake.run(PROGRAM, "STOPPING")
    client.start(definition)
    if state:
        fake.run(PROGRAM, state)
    else:
        del fake.groups[PROGRAM]
    assert client.instance(PROGRAM) == f"{PROGRAM}.2"
    assert client.start(definition) == (f"{PROGRAM}.2", False)
    fake.run(f"{PROGRAM}.2", "EXITED")
    assert client.instance(PROGRAM) == PROGRAM


def test_another_program_s_instances_are_not_this_one_s(host):
    fake, client = host
    fake.run(f"{PROGRAM}0.2", "RUNNING")
    fake.run(f"garden-worker-slow-2.{PROGRAM}", "RUNNING")
    assert client.instance(PROGRAM) == PROGRAM


def test_a_program_to_end_is_undescribed_before_it_is_told(host):
    """Else a supervisord that restarts meanwhile starts it again."""
    fake, client = host
    fake.run(PROGRAM, "RUNNING")
    client.stop(PROGRAM)
    assert fake.calls == [("stopProcess", f"{PROGRAM}:*", False, "not described")]


def test_ending_what_is_unknown_is_no_error_but_any_other_fault_is(host, monkeypatch):
    fake, client = host
    client.stop("garden-worker-gone-1")

    def fail(name, wait):
        raise xmlrpc.client.Fault(30, "FAILED")

    monkeypatch.setattr(fake, "stopProcess", fail, raising=False)
    with pytest.raises(xmlrpc.client.Fault, match="FAILED"):
        client.stop(PROGRAM)


def test_only_programs_that_ended_and_are_not_described_are_forgotten(host):
    fake, client = host
    described = {"garden-web-2": "RUNNING", "garden-beat-2": "BACKOFF"}
    draining = {"garden-web-1": "STOPPING"}
    ended = {"garden-worker-a-1": "STOPPED", "garden-worker-b-1": "EXITED", "garden-worker-c-1": "FATAL"}
    for program, state in {**described, **draining, **ended, "orchard-web-1": "STOPPED"}.items():
        fake.run(program, state)
    fake.run("garden-crashed-2", "FATAL")
    client.conf("garden-crashed-2").touch()
    assert client.forget_gone("garden-") == list(ended)
    assert set(fake.groups) == {*described, *draining, "garden-crashed-2", "orchard-web-1"}
    assert fake.calls[-1][0] == "reloadConfig"
    fake.calls.clear()
    assert client.forget_gone("garden-") == []
    assert fake.calls == []


@pytest.mark.parametrize(
    ("processes", "state"),
    [
        (("RUNNING", "FATAL"), "RUNNING"),
        (("FATAL", "RUNNING"), "RUNNING"),
        (("EXITED", "STOPPING"), "STOPPING"),
        (("EXITED", "STOPPED"), "STOPPED"),
    ],
)
def test_a_program_of_several_processes_is_up_while_one_is(host, processes, state):
    fake, client = host
    fake.run(PROGRAM, *processes)
    assert client.states() == {PROGRAM: state}


def test_a_program_is_removed_only_after_it_has_ended(host, monkeypatch):
    fake, client = host
    fake.run(PROGRAM, "RUNNING")
    monkeypatch.setattr(supervisor.time, "sleep", lambda seconds: fake.run(PROGRAM, "STOPPED"))
    client.remove([PROGRAM], timeout=5)
    assert [call[0] for call in fake.calls] == ["stopProcess", "removeProcessGroup", "reloadConfig"]


def test_a_program_that_does_not_end_is_named_and_not_removed(host):
    fake, client = host
    fake.run(PROGRAM, "RUNNING")
    with pytest.raises(supervisor.SupervisorError, match=f"{PROGRAM} has not ended after 0 s"):
        client.remove([PROGRAM], timeout=0)
    assert [call[0] for call in fake.calls] == ["stopProcess"]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("refused"),
        xmlrpc.client.ProtocolError("", 500, "", {}),
        xmlrpc.client.Fault(6, "SHUTDOWN"),
    ],
)
def test_a_supervisord_that_does_not_answer_is_one_kind_of_error(host, error):
    fake, client = host

    def fail():
        raise error

    fake.getAllProcessInfo = fail
    with pytest.raises(supervisor.SupervisorError, match="systemctl status supervisor"):
        client.states()


def test_the_log_is_that_of_the_first_process_or_says_why_there_is_none(host):
    fake, client = host
    assert client.log_tail(PROGRAM) == "(no log: BAD_NAME)"
    fake.run(PROGRAM, "FATAL")
    assert client.log_tail(PROGRAM) == f"the log of {PROGRAM}"
    fake.run(PROGRAM, "FATAL", "FATAL")
    assert client.log_tail(PROGRAM) == f"the log of {PROGRAM}_0"

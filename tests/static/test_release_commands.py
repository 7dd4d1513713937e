"""An application's own commands: how they reach bash, how they fail, what they leave behind."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from ansible.module_utils.release import commands
from ansible.module_utils.release.commands import CommandError, execute
from ansible.module_utils.release.layout import Layout

RELEASE = "1-a"


@pytest.fixture
def layout(tmp_path):
    """Return the places of a release whose launcher sets a variable, a secret and its directory."""
    layout = Layout("garden", tmp_path)
    source = layout.release(RELEASE) / "source"
    source.mkdir(parents=True)
    launcher = layout.release(RELEASE) / "run"
    launcher.write_text(f"#!/bin/bash\nexport GREETING='good day' SECRET_KEY=hush\ncd {source}\nexec \"$@\"\n")
    launcher.chmod(0o755)
    return layout


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("echo one && echo two", "one\ntwo\n"),
        ("echo b a | tr ' ' '\\n' | sort", "a\nb\n"),
        ('echo "$GREETING"', "good day\n"),
        ("echo '$GREETING' \"it's\" \\;", "$GREETING it's ;\n"),
        ("basename $PWD", "source\n"),
        ("echo {{ x }} %s", "{{ x }} %s\n"),
        ("set -- a\nfor x in 1 2; do\n  echo $x\ndone", "1\n2\n"),
    ],
)
def test_a_command_is_bash_s_in_the_release_s_environment(layout, command, printed):
    assert execute(layout, RELEASE, command, 10) == printed


@pytest.mark.parametrize(
    ("command", "status"), [("exit 7", 7), ("false | cat", 1), ("false; true", 1), ("echo $NOT_SET", ""), ("nope", 127)]
)
def test_whatever_fails_in_it_fails_it(layout, command, status):
    with pytest.raises(CommandError, match=f"ended with status {status}"):
        execute(layout, RELEASE, command, 10)


def test_a_failure_shows_the_end_of_both_outputs(layout):
    command = "for i in $(seq 2000); do echo line $i; done; echo why >&2; exit 3"
    with pytest.raises(CommandError) as failure:
        execute(layout, RELEASE, command, 10)
    words = str(failure.value)
    assert words.startswith(f"`{command}` ended with status 3\n")
    assert words.endswith("line 2000\nwhy")
    assert len(words) < commands.SHOWN + 200


def test_what_is_secret_is_in_no_list_of_processes_and_in_no_failure(layout):
    listing = execute(layout, RELEASE, "words=$(tr '\\0' ' ' < /proc/$$/cmdline); echo $words", 10)
    assert listing.startswith("bash -euo pipefail -c words=")
    assert "hush" not in listing
    with pytest.raises(CommandError) as failure:
        execute(layout, RELEASE, "false $SECRET_KEY", 10)
    assert "hush" not in str(failure.value)


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(layout, tmp_path):
    began = time.monotonic()
    with pytest.raises(CommandError, match=r"did not end within 0.5 s\nbegun"):
        execute(layout, RELEASE, f"echo begun; sleep 97 & echo $! > {tmp_path}/pid; wait", 0.5)
    assert time.monotonic() - began < 5
    assert_gone(int((tmp_path / "pid").read_text()))


def test_one_that_does_not_heed_its_end_is_killed(layout, monkeypatch):
    monkeypatch.setattr(commands, "GRACE", 0.3)
    with pytest.raises(CommandError, match="did not end within"):
        execute(layout, RELEASE, "trap '' TERM; sleep 97; sleep 97", 0.3)


def test_what_it_leaves_running_ends_with_it(layout, tmp_path):
    """Of a release's preparation it could write on into what is root's by then."""
    execute(layout, RELEASE, f"sleep 97 > /dev/null 2>&1 & echo $! > {tmp_path}/pid", 10)
    assert_gone(int((tmp_path / "pid").read_text()))


def assert_gone(pid: int) -> None:
    """Fail unless a process has ended within two seconds; nobody may be there to reap it."""
    for _ in range(40):
        argv = ["ps", "-o", "stat=", "-p", str(pid)]
        state = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
        if not state.strip() or state.startswith("Z"):
            return
        time.sleep(0.05)
    os.kill(pid, 9)
    pytest.fail(f"{pid} runs on: {state}")

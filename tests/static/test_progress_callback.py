"""What an operator sees of a run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
from conftest import ROOT, plugin

#: Its tasks end on the controller: a module that goes to the host costs a quarter of a second each time.
PLAYBOOK = """
- name: Provision
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Show an address
      ansible.builtin.debug:
        msg: https://garden.test/
    - name: Change nothing
      ansible.builtin.assert: {that: true}
      changed_when: false
    - name: Write a file
      ansible.builtin.assert: {that: true}
      changed_when: true
    - name: Write some files
      ansible.builtin.assert: {that: true}
      changed_when: item != 'b'
      loop: [a, b, c]
    - name: Show some addresses
      ansible.builtin.debug:
        msg: "address {{ item }}"
      loop: [x, y]
    - name: Survive a failure
      block:
        - name: Fail for once
          ansible.builtin.assert: {that: false}
      rescue:
        - name: Put it right
          ansible.builtin.assert: {that: true}
          changed_when: false
      when: not broken
- name: Verify
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ask for health
      ansible.builtin.fail:
        msg: the database is down
      when: broken
    - name: Say that all is well
      ansible.builtin.assert: {that: true}
      changed_when: true
"""


def play(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run the playbook on this machine with the callback and no other configuration of the kit."""
    (directory / "site.yml").write_text(PLAYBOOK)
    (directory / "ansible.cfg").touch()
    settings = {
        "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "plugins/callback"),
        "ANSIBLE_STDOUT_CALLBACK": "progress",
        "ANSIBLE_HOME": str(directory / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_NOCOLOR": "true",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "CLOCHE_"))}
    return subprocess.run(
        ["ansible-playbook", "site.yml", *arguments],
        cwd=directory, env=inherited | settings | environment, text=True, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return play(tmp_path_factory.mktemp("good"), "-e", "{broken: false}", CLOCHE_PARTS="create containers=12.5,boot=1")


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    return play(tmp_path_factory.mktemp("bad"), "-e", "{broken: true}")


def test_a_run_shows_plays_with_their_numbers_and_seconds(good):
    assert good.returncode == 0, good.stdout + good.stderr
    assert re.findall(r"^\[(\d/\d)\] (\w+) +[\d.]+ s$", good.stdout, re.M) == [("1/2", "Provision"), ("2/2", "Verify")]
    assert good.stdout.index("[1/2] Provision ...") < good.stdout.index("Write a file") < good.stdout.index("[2/2]")


def test_changes_are_shown_as_they_come_and_counted(good):
    changes = re.findall(r"^      localhost: (.*)$", good.stdout, re.M)
    assert changes == ["Write a file", "Write some files", "Write some files", "Say that all is well"]
    assert re.search(r"in all; 4 changed$", good.stdout, re.M)


def test_the_end_tells_where_the_time_went(good):
    parts = re.findall(r"^ +(\d+\.\d)  (.*)$", good.stdout, re.M)
    assert [name for _, name in parts][:-1] == ["create containers", "boot", "Provision", "Verify"]
    seconds = [float(value) for value, _ in parts]
    assert seconds[:2] == [12.5, 1.0]
    assert sum(seconds[:-1]) == pytest.approx(seconds[-1], abs=0.25)


def test_messages_come_last(good):
    assert good.stdout.endswith("changed\n\nhttps://garden.test/\n\naddress x\n\naddress y\n")


def test_a_rescued_failure_is_shown_but_not_counted(good):
    assert "Fail for once" in good.stdout
    assert " failed, " not in good.stdout


def test_a_failure_is_shown_with_its_reason_and_counted(bad):
    assert bad.returncode == 2
    assert "TASK [Ask for health]" in bad.stdout
    assert "the database is down" in bad.stdout
    assert re.search(r"in all; 1 failed, 3 changed$", bad.stdout, re.M)
    assert "Say that all is well" not in bad.stdout


@pytest.mark.parametrize("option", ["-v", "--check", "--diff"])
def test_what_asks_for_more_gets_what_the_default_prints(tmp_path, option):
    run = play(tmp_path, option, "-e", "{broken: false}")
    assert "TASK [Change nothing]" in run.stdout
    assert "PLAY RECAP" in run.stdout
    assert "in all; " in run.stdout


# --- the running task -----------------------------------------------------------------------------------------------


@pytest.fixture
def running(monkeypatch):
    """Return the callback while a task runs that began at 1000 s."""
    callback = plugin("callback/progress").CallbackModule()
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    callback.v2_playbook_on_play_start(types.SimpleNamespace(get_name=lambda: "Stage"))
    callback._task, callback._task_began = "Unpack the release", 1000.0
    return callback


def test_a_terminal_sees_a_long_task_live(running, monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 1007.3)
    assert re.fullmatch(r"\r\[1/0\] Stage +7\.3 s  Unpack the release *", running.pulse(1007.3, terminal=True))


def test_without_a_terminal_a_long_task_is_named_every_half_a_minute(running):
    said = [running.pulse(1000.0 + seconds, terminal=False) for seconds in range(95)]
    assert [words.strip() for words in said if words] == [f"Unpack the release, for {n} s so far" for n in (30, 60, 90)]


def test_a_question_stays_in_sight(running):
    running.v2_playbook_on_task_start(
        types.SimpleNamespace(get_name=lambda: "Ask", action="ansible.builtin.pause"), False
    )
    assert running.pulse(1100.0, terminal=True) == running.pulse(1100.0, terminal=False) == ""


# --- marks ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """What a good run and then a bad one leave in one file."""
    directory = tmp_path_factory.mktemp("marks")
    for broken in ("false", "true"):
        play(directory, "-e", f"{{broken: {broken}}}", CLOCHE_MARKS=str(directory / "marks.ndjson"))
    return [json.loads(line) for line in (directory / "marks.ndjson").read_text().splitlines()]


def test_marks_name_plays_and_tasks_in_order_of_time(marks):
    """The load's report shows by them which step of a release costs what."""
    last = next(number for number, mark in enumerate(marks) if mark["event"] == "end" and "host" not in mark)
    good = marks[: last + 1]
    assert [mark["name"] for mark in good if mark["event"] == "play"] == ["Provision", "Verify"]
    begun = [mark["name"] for mark in good if mark["event"] == "task"]
    assert begun[:3] == ["Show an address", "Change nothing", "Write a file"]
    ended = [(mark["name"], mark["host"]) for mark in good if mark["event"] == "end" and "host" in mark]
    assert ended == [(name, "localhost") for name in begun], "a task that fails or is skipped ends as well, once"
    assert [mark["at"] for mark in marks] == sorted(mark["at"] for mark in marks)


def test_a_second_run_adds_its_marks_and_a_failed_one_ends_too(marks):
    assert [mark["name"] for mark in marks if mark["event"] == "play"] == ["Provision", "Verify"] * 2
    assert {"at", "event", "name"} == set(marks[-1])
    assert (marks[-1]["event"], marks[-1]["name"]) == ("end", "")
    assert [mark["name"] for mark in marks if mark["event"] == "end"][-2] == "Ask for health"

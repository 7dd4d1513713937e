"""What a verb that answers a question prints: the answer, so that it can be piped."""

from __future__ import annotations

import json
import subprocess

import pytest
import test_progress_callback as progress
from conftest import ROOT

PLAYBOOK = """
- name: Ask
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Do something
      ansible.builtin.command: "true"
    - name: Answer
      ansible.builtin.debug:
        msg: "{{ {'level': level, 'text': 'ü'} | to_nice_json }}"
    - name: Fail with a secret
      ansible.builtin.command: "false s3cr3t"
      no_log: true
      failed_when: level == 'red'
"""


@pytest.fixture
def play(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "PLAYBOOK", PLAYBOOK)
    return lambda level: progress.play(tmp_path, "-e", f"level={level}", ANSIBLE_STDOUT_CALLBACK="answer")


def test_the_answer_is_all_of_standard_output(play):
    run = play("ok")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {"level": "ok", "text": "ü"}
    assert run.stderr == ""


def test_a_failure_is_told_on_standard_error_without_what_is_not_to_be_logged(play):
    run = play("red")
    assert run.returncode == 2
    assert json.loads(run.stdout)["level"] == "red"
    assert run.stderr == "localhost: Fail with a secret: failed\n"


def fake_ansible(directory, code: int) -> dict[str, str]:
    """Return an environment in which ansible-playbook only says which callback it got and ends with a code."""
    (directory / "bin").mkdir(parents=True)
    (directory / "inventories/lab").mkdir(parents=True)
    (directory / "bin/play").write_bytes((ROOT / "bin/play").read_bytes())
    tool = directory / ".venv/bin/ansible-playbook"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/bash\necho "${{ANSIBLE_STDOUT_CALLBACK:-none}}"\nexit {code}\n')
    tool.chmod(0o755)
    return {"PATH": "/usr/bin:/bin", "CLOCHE_STRATEGY": "linear"}


@pytest.mark.parametrize(
    ("verb", "given", "expected"),
    [
        ("status", 0, 0), ("status", 2, 1), ("status", 4, 1), ("status", 6, 1), ("status", 1, 3), ("status", 250, 3),
        ("deploy", 2, 2), ("deploy", 0, 0),
    ],
)  # fmt: skip
def test_a_red_status_is_1_and_one_that_could_not_be_had_is_3(tmp_path, verb, given, expected):
    environment = fake_ansible(tmp_path, given)
    run = subprocess.run(
        ["bash", "bin/play", "lab", verb], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == expected, run.stderr
    assert run.stdout == ("answer\n" if verb == "status" else "none\n")

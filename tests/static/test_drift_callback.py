"""What `make drift` prints, and the exit code that bin/play makes of it."""

from __future__ import annotations

import subprocess

import pytest
import test_progress_callback as progress
from test_answer_callback import fake_ansible

PLAYBOOK = """
- name: Look
  hosts: localhost
  connection: local
  gather_facts: false
  vars: {vault_key: s3cr3t-s3cr3t}
  tasks:
    - name: Make something on the controller
      ansible.builtin.copy: {content: x, dest: "{{ folder }}/other"}

- name: Look at the host
  hosts: server
  gather_facts: false
  vars: {vault_key: s3cr3t-s3cr3t}
  tasks:
    - name: Write the configuration
      ansible.builtin.copy: {content: "a\\nkey = {{ vault_key }}\\n", dest: "{{ folder }}/x.conf"}
    - name: Write the secrets
      ansible.builtin.copy: {content: "{{ vault_key }}", dest: "{{ folder }}/y.env"}
      no_log: true
    - name: See to several
      ansible.builtin.file: {path: "{{ folder }}/{{ item }}", state: directory, mode: "0750"}
      loop: [kept, new]
    - name: Nothing to do
      ansible.builtin.file: {path: "{{ folder }}", state: directory}
"""


@pytest.fixture
def play(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "PLAYBOOK", PLAYBOOK)
    (tmp_path / "kept").mkdir(mode=0o750)
    (tmp_path / "x.conf").write_text("a\nkey = by-hand\n")
    inventory = tmp_path / "hosts"
    inventory.write_text("server ansible_connection=local\n")
    given = ["-i", str(inventory), "-e", f"folder={tmp_path}", "--check", "--diff"]
    return lambda: progress.play(tmp_path, *given, ANSIBLE_STDOUT_CALLBACK="drift")


def test_differences_are_told_by_host_and_secrets_are_masked(play, tmp_path):
    run = play()
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "server: 3 differences from the inventory",
        "  Write the configuration",
        f"      {tmp_path}/x.conf",
        "        -key = by-hand",
        "        +key = ********",
        "  Write the secrets",
        f"      {tmp_path}/y.env",
        "      what it has to be is a secret, so neither side is shown",
        "  See to several",
        f"      {tmp_path}/new",
        "        -state: absent",
        "        +state: directory",
    ]


SAID = "server: 1"


@pytest.mark.parametrize(("said", "code", "expected"), [("", 0, 0), (SAID, 0, 1), ("", 2, 3), (SAID, 4, 3)])
def test_silence_is_the_good_answer(tmp_path, said, code, expected):
    environment = fake_ansible(tmp_path, code)
    script = f"""#!/bin/bash
        printf '%s' '{said}'
        [[ "$*" == *'drift.yml --check --diff'* ]] || exit 9
        exit {code}
    """
    (tmp_path / ".venv/bin/ansible-playbook").write_text(script)
    run = subprocess.run(
        ["bash", tmp_path / "bin/play", "lab", "drift"], env=environment, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.strip()) == (expected, said)

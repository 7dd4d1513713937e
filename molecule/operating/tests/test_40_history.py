"""Who ran which verb, from where, when, and how it ended."""

from __future__ import annotations

import getpass
import json
import os
import platform
import signal
import subprocess
import time

from operating import INVENTORY, PROJECT, said, verb
from polling import until
from scenario_host import HOST, shell

SERVICES = ["nginx"]
WHO = f"{os.environ.get('SUDO_USER') or getpass.getuser()}@{platform.node()}"


def history() -> list[dict]:
    """Return what `make history` tells programs."""
    done = verb("history", "-e", "format=json")
    assert done.returncode == 0, said(done)
    return json.loads(done.stdout)


def test_setting_up_and_deploying_have_left_their_lines():
    runs = {run["verb"]: run for run in history()}
    assert runs["site"]["who"] == runs["deploy"]["who"] == WHO
    assert runs["site"]["outcome"] == "done"
    assert runs["deploy"]["outcome"] == "live"
    assert runs["site"]["hosts"][HOST]["changed"] >= 0
    assert runs["site"]["seconds"] > 0


def test_a_verb_leaves_who_what_and_how_long():
    for state in ("on", "off"):
        done = verb("maintenance", "-e", f"maintenance_state={state}", "-e", "maintenance_application=garden")
        assert done.returncode == 0, said(done)
    [on, off] = history()[-2:]
    assert (on["verb"], on["what"], on["who"], on["outcome"]) == ("maintenance on", "garden", WHO, "done")
    assert off["verb"] == "maintenance off"
    assert 0 < on["seconds"] < 120
    assert on["hosts"][HOST]["changed"] > 0
    table = verb("history").stdout.splitlines()
    assert table[0].split() == ["when", "verb", "what", "who", "hosts", "seconds", "outcome"]
    assert table[-1].endswith("done")


def test_a_verb_that_fails_says_at_which_step():
    shell("mv /etc/nginx/sites-enabled/garden.conf /root/")
    try:
        done = verb("maintenance", "-e", "maintenance_state=on", "-e", "maintenance_application=garden")
        assert done.returncode != 0, said(done)
    finally:
        shell("mv /root/garden.conf /etc/nginx/sites-enabled/ && rm -f /etc/nginx/maintenance.d/garden.*")
    last = history()[-1]
    assert last["outcome"] == "failed"
    assert "Look whether its site heeds it" in last["hosts"][HOST]["step"]
    assert "failed at: Look whether its site heeds it" in verb("history").stdout


def test_a_run_that_is_killed_is_seen_to_have_begun():
    command = [str(PROJECT / "bin/play"), str(INVENTORY), "site"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as run:
        try:
            until(lambda: history()[-1]["outcome"], lambda outcome: outcome == "begun", 60)
        finally:
            os.killpg(run.pid, signal.SIGKILL)
    time.sleep(1)
    assert "begun: it runs still, or was killed" in verb("history").stdout


def test_looking_leaves_no_line():
    before = len(history())
    assert verb("status").returncode in {0, 1}
    assert verb("drift").returncode in {0, 1}
    assert len(history()) == before

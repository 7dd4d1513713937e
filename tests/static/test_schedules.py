"""Scheduled commands: their units, what systemd makes of them, and which of a host's timers are nobody's any more."""

from __future__ import annotations

import configparser
import os
import subprocess

import pytest
from conftest import ROOT, load, plugin
from release_samples import GARDEN
from template_checks import systemd
from template_examples import HOSTILE

schedules = plugin("filter/schedules")
NIGHTLY = {"name": "nightly", "command": "python manage.py tidy", "calendar": "*-*-* 03:00:00", "timeout": 900}
APPS = [
    {"name": "garden", "schedules": [NIGHTLY, NIGHTLY | {"name": "hourly"}]},
    {"name": "garden_two", "schedules": []},
    {"name": "orchard", "schedules": [NIGHTLY]},
]
ALL = schedules.application_schedules(APPS)
TIMERS = ["cloche-garden-nightly.timer", "cloche-garden-hourly.timer", "cloche-orchard-nightly.timer"]


def units(**changes) -> dict[str, configparser.RawConfigParser]:
    """Return the units of a schedule, by the end of their names."""
    found = {}
    for file in schedules.schedule_files([{"application": "garden"} | NIGHTLY | changes]):
        systemd(file["content"], {})
        unit = configparser.RawConfigParser()
        unit.optionxform = str
        unit.read_string(file["content"])
        found[file["path"].rpartition(".")[2]] = unit
    return found


def test_each_schedule_has_a_timer_and_a_service_under_its_application_s_name():
    assert schedules.schedule_timers(ALL) == TIMERS
    paths = [file["path"] for file in schedules.schedule_files(ALL)]
    places = [f"/etc/systemd/system/{name.removesuffix('timer')}" for name in TIMERS]
    assert paths == [f"{place}{kind}" for place in places for kind in ("service", "timer")]


def test_a_timer_keeps_its_calendar_and_makes_up_for_a_run_that_was_missed():
    timer = units()["timer"]
    assert timer["Timer"]["OnCalendar"] == "*-*-* 03:00:00"
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_a_run_is_bounded_never_beside_itself_and_not_before_the_first_release():
    service = units()["service"]
    assert service["Service"]["Type"] == "oneshot"
    assert (service["Service"]["User"], service["Service"]["TimeoutStartSec"]) == ("garden", "900")
    assert service["Unit"]["ConditionPathExists"] == "/srv/garden/current/run"
    assert service["Service"]["ExecStart"].startswith("/usr/local/lib/cloche/scheduled garden nightly ")


def systemd_reads(word: str) -> str:
    """Return what a program gets for a quoted word: unquoted, then specifiers, then variables (systemd.service(5))."""
    assert (word[0], word[-1]) == ('"', '"')
    text, rest = "", iter(word[1:-1])
    for character in rest:
        assert character not in '"\n'
        text += {"n": "\n", "\\": "\\", '"': '"'}[next(rest)] if character == "\\" else character
    for mark in "%$":
        assert text.replace(mark * 2, "").count(mark) == 0, text
        text = text.replace(mark * 2, mark)
    return text


@pytest.mark.parametrize(
    "command", [HOSTILE, "a && b | c; d", "echo \"$HOME\" '${X:-%h}' \\; 100%", "one\ntwo", "a\\nb", "$$ %% \\\\"]
)
def test_a_command_reaches_bash_as_it_was_written(command):
    line = units(command=command)["service"]["Service"]["ExecStart"]
    assert systemd_reads(line.removeprefix("/usr/local/lib/cloche/scheduled garden nightly ")) == command


# --- what runs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def host(tmp_path):
    """Return the root of a host with a live release, and what runs its schedules there."""
    release = tmp_path / "srv/garden/releases/1-a"
    release.mkdir(parents=True)
    (tmp_path / "srv/garden/current").symlink_to(release)
    (tmp_path / "var/log/garden").mkdir(parents=True)
    (release / "run").write_text('#!/bin/bash\nexport GREETING="good day"\nexec "$@"\n')
    (release / "run").chmod(0o755)
    text = (ROOT / "roles/app/files/scheduled").read_text()
    (tmp_path / "scheduled").write_text(text.replace("/srv/", f"{tmp_path}/srv/").replace("/var/", f"{tmp_path}/var/"))
    return tmp_path


def run(host, command) -> subprocess.CompletedProcess[str]:
    argv = ["bash", str(host / "scheduled"), "garden", "nightly", command]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False, env=environment)


def test_what_it_prints_goes_to_the_journal_and_to_its_log(host):
    done = run(host, 'echo "$GREETING" | cat; echo oops >&2')
    assert (done.returncode, done.stdout) == (0, "good day\noops\n")
    head, *lines = (host / "var/log/garden/schedule-nightly.log").read_text().splitlines()
    assert head.startswith("--- 20")
    assert lines == ["good day", "oops"]


@pytest.mark.parametrize("command", ["exit 4", "false | cat; true", "echo $NOT_SET"])
def test_a_failure_is_the_unit_s_failure(host, command):
    assert run(host, command).returncode != 0


def test_a_log_that_has_grown_large_makes_room(host):
    log = host / "var/log/garden/schedule-nightly.log"
    log.write_text("x" * 20_000_001)
    run(host, "echo new")
    assert log.read_text().endswith("\nnew\n")
    assert log.stat().st_size < 100
    assert log.with_name(f"{log.name}.1").stat().st_size == 20_000_001


def test_schedules_change_only_where_every_release_is_live():
    """A failed release ends the run: what the timers start then is what the release before knows."""
    release, timers = load(ROOT / "playbooks/activate.yml")
    assert release["hosts"] == "localhost"
    (task,) = timers["tasks"]
    assert task["ansible.builtin.import_role"]["tasks_from"] == "schedules"
    # Also on hosts that have none: they may have had some.
    assert timers["hosts"] == "web:worker:beat:flower"


def test_a_calendar_is_read_by_systemd_before_anything_else_of_an_application_is_done():
    first, *_ = load(ROOT / "roles/app/tasks/application.yml")
    assert "['systemd-analyze', 'calendar']" in first["ansible.builtin.command"]["argv"]


def test_another_time_of_day_is_no_other_release():
    """Nothing that runs has to change hands for it."""
    deployments = plugin("filter/release").deployments
    build = {"source": {"name": "garden"}, "id": "1-a", "bundle": "b", "venvs": {}}
    other = GARDEN | {"schedules": [NIGHTLY]}
    ids = {deployments([app], [build], {}, [])[0]["release"]["id"] for app in (GARDEN | {"schedules": []}, other)}
    assert len(ids) == 1

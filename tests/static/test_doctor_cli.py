"""`make doctor` and strict deploys as playbooks: what is asked, and what fails."""

from __future__ import annotations

import json
import os

import pytest
from conftest import DATA, ROOT, load, tasks_of
from test_preflight_cli import play, write_inventory

TASKS = ROOT / "roles" / "release" / "tasks"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


def test_a_host_that_does_not_answer_fails_the_run_and_says_so(inventory):
    run = play("doctor", inventory, callback="answer")
    assert run.returncode in {2, 4, 6}, run.stderr
    assert "server" in run.stderr and run.stdout.strip() == ""


def test_a_strict_deploy_fails_in_the_check_before_anything_that_runs_is_touched():
    for name in ("stage_application", "check_application"):
        (check,) = [
            task
            for task in tasks_of(load(ROOT / "playbooks/tasks" / f"{name}.yml"))
            if task["name"] == "Check the release"
        ]
        assert check["vars"] == {"release_strict": "{{ __wired_strict }}"}
    (*_, last) = load(TASKS / "check.yml")
    assert last["ansible.builtin.include_tasks"] == "strict.yml"
    # A way back is never refused for it.
    assert last["when"] == "release_strict | bool and release_verb == 'deploy'"


def test_make_doctor_changes_nothing():
    """The agent comes along: that of the host may be an older kit's."""
    (task,) = tasks_of(load(TASKS / "doctor.yml"))
    assert "files_read" in task["release_doctor"]["agent"]


def test_its_answer_alone_is_on_standard_output():
    assert "== doctor" in (ROOT / "bin/play").read_text()


REPORT = {"application": "garden", "host": "web1", "release": "1-a", "state": "live", "error": "", "accepted": [],
          "findings": [], "lossy": False}  # fmt: skip


def diagnosed(directory, inventory, reports, **given):
    """Run the door `diagnosis` on the controller alone."""
    task = {"name": "Diagnose", "ansible.builtin.import_role": {"name": "release", "tasks_from": "diagnosis"}}
    variables = {"release_reports": reports, "release_format": "table", "release_strict": False} | given
    hosts = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    book = directory / "book.yml"
    book.write_text(json.dumps([hosts | {"vars": variables, "tasks": [task]}]))
    return play(os.path.relpath(book.with_suffix(""), ROOT / "playbooks"), inventory, callback="answer")


def test_findings_are_shown_and_fail_nothing_unless_that_is_asked_for(tmp_path, inventory):
    lossy = REPORT | {"lossy": True}
    shown = diagnosed(tmp_path, inventory, [lossy])
    assert (shown.returncode, shown.stdout.splitlines()[-1]) == (0, "garden: loses 0, risks 0, advises 0")
    strict = diagnosed(tmp_path, inventory, [lossy], release_strict=True, release_format="json")
    assert (strict.returncode, json.loads(strict.stdout)) == (2, [lossy])
    assert "garden" in strict.stderr


@pytest.mark.parametrize("reports", [[], [REPORT | {"error": "doctor: ImportError", "lossy": True}]])
def test_where_nothing_could_be_found_out_it_fails(tmp_path, inventory, reports):
    assert diagnosed(tmp_path, inventory, reports).returncode == 2

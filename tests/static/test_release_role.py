"""What holds for every step that the controller leads on the hosts, and the order of the steps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import ROOT, load, relative, tasks_of, tracked
from task_graph import reached_by_file

TASKS = ROOT / "roles" / "release" / "tasks"
FILES = tracked("roles/release/tasks/*.yml")
#: What is done by the controller itself, on its own behalf.
OWN = {"include_tasks", "import_tasks", "include_role", "import_role", "assert", "fail", "debug", "set_fact", "pause"}


def led() -> list[dict[str, Any]]:
    """Return the tasks of the plays that lead the hosts from the controller, but for what is its own."""
    found = [task for name in ("conduct", "lock") for task in reached_by_file(TASKS / f"{name}.yml")]
    return [task for task in found if not OWN & {key.rpartition(".")[2] for key in task}]


def imported(name: str) -> list[str]:
    imports = (task.get("ansible.builtin.import_tasks") for task in tasks_of(load(TASKS / f"{name}.yml")))
    return [name for name in imports if name]


@pytest.mark.parametrize("task", led(), ids=lambda task: task["name"])
def test_what_the_controller_leads_is_done_on_a_host(task):
    """A step without delegate_to would be done to the controller."""
    assert re.fullmatch(r"\{\{ (host|run\.host|(road|ended)\.hosts\.all \| first) \}\}", task.get("delegate_to", ""))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_what_is_delegated_becomes_root(path):
    """The play is the controller's, which needs no root: the host's `become` does not come with the delegation."""
    delegated = [task for task in tasks_of(load(path)) if "delegate_to" in task]
    assert [task["name"] for task in delegated if task.get("become") is not True] == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_a_release_that_fails_on_one_host_goes_to_no_other(path):
    """A loop goes on after an item that failed, unless it is told not to."""
    for task in tasks_of(load(path)):
        if "release_programs" in task:
            control = task["loop_control"]
            # Only the way back goes on: every host that can goes back.
            wanted = f"{task['register']} is failed and not __release_go_on"
            assert control["break_when"] == wanted, task["name"]
            assert task["delegate_to"] == f"{{{{ {control['loop_var']} }}}}", task["name"]


def hooks(path: str) -> list[tuple[int, str]]:
    """Return where in a file an application's commands run, and which."""
    tasks = list(tasks_of(load(TASKS / path)))
    uses = [task["vars"]["__release_hook"] if "hooks.yml" in task.values() else None for task in tasks]
    return [(index, hook) for index, hook in enumerate(uses) if hook]


def test_an_application_s_commands_run_around_the_migration_and_before_the_release_counts_as_live():
    """Once it is written down as live nothing leads back from it on a host without a web process."""
    assert hooks("migrate.yml") == [(0, "before_migrate"), (2, "after_migrate")]
    *_, before, after = [task.get("ansible.builtin.import_tasks") for task in load(TASKS / "conduct.yml")[0]["block"]]
    assert (before, after) == ("hooks.yml", "record.yml")
    assert [name for _, name in hooks("conduct.yml")] == ["after_live"]


def test_a_command_that_fails_is_followed_by_none():
    (task,) = load(TASKS / "hooks.yml")
    assert task["loop_control"]["break_when"] == f"{task['register']} is failed"


def test_a_release_is_prepared_in_its_environment_and_before_it_is_loaded():
    order = [next(key for key in task if key != "name") for task in load(TASKS / "stage.yml")]
    assert order == ["release_stage", "managed_files", "release_prepare"]
    stages = load(ROOT / "playbooks" / "tasks" / "stage_application.yml")[0]["block"]
    doors = [task["ansible.builtin.include_role"]["tasks_from"] for task in stages]
    assert (doors[0], doors[-1]) == ("stage", "check")


def test_programs_change_hands_where_these_tests_look():
    """Else the ones above would hold of nothing."""
    assert {path.stem for path in FILES if "release_programs:" in path.read_text()} == {"workers", "web", "singles"}
    assert len(led()) > 8


def test_the_way_back_runs_the_other_way_round():
    """No web process publishes what no worker knows, in neither direction."""
    assert imported("forward") == ["workers.yml", "web.yml", "singles.yml"]
    assert imported("backward") == ["web.yml", "singles.yml", "workers.yml"]


def test_whatever_fails_leads_back_and_gives_the_lock_back():
    (road,) = load(TASKS / "conduct.yml")
    assert set(road) == {"name", "block", "rescue", "always"}
    assert "back.yml" in str(road["rescue"])
    (last,) = road["always"]
    assert last["ansible.builtin.import_tasks"] == "unlock.yml"
    (unlock,) = load(TASKS / "unlock.yml")
    assert unlock["release_lock"]["state"] == "free"


def test_the_way_back_goes_on_whatever_fails_and_ends_in_a_failure():
    """Web, singles and workers go back each on its own, and what was left undone fails the run."""
    _, way = load(TASKS / "back.yml")
    steps = []
    while True:
        steps += [task["ansible.builtin.import_tasks"] for task in way.get("block", [])]
        (then,) = way["always"]
        if "ansible.builtin.import_tasks" in then:
            steps.append(then["ansible.builtin.import_tasks"])
            break
        way = then
    assert steps == ["web.yml", "singles.yml", "workers.yml", "withdraw.yml"]
    (withdraw,) = load(TASKS / "withdraw.yml")
    (last,) = withdraw["always"]
    assert "ansible.builtin.fail" in last


def test_a_host_that_cannot_stage_a_release_keeps_its_reason():
    """The play goes on, so that the conductor ends the release for all hosts."""
    (stage,) = load(ROOT / "playbooks" / "tasks" / "stage_application.yml")
    (rescue,) = stage["rescue"]
    assert rescue["ansible.builtin.include_role"]["tasks_from"] == "unstaged"
    (first, *_) = load(TASKS / "conduct.yml")[0]["block"]
    assert "__release_unstaged" in first["ansible.builtin.assert"]["that"]

"""What holds for every playbook and every task, and why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, load, playbooks, relative, task_files, tasks_of, tracked
from task_graph import reached_by_play

PLAYBOOKS = playbooks()
FILES = [*task_files(), *PLAYBOOKS]
_SAMPLES = re.compile(r"garden|celery.demo", re.IGNORECASE)
_KEYWORDS = """
    action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode
    collections connection debugger delay delegate_facts delegate_to diff environment failed_when ignore_errors
    ignore_unreachable local_action loop loop_control module_defaults name no_log notify poll port register remote_user
    retries run_once tags throttle timeout until vars when listen block rescue always
"""
#: What a task may have beside its module.
KEYWORDS = frozenset(_KEYWORDS.split())
#: Of a playbook's own tasks, those that hold no logic.
ROLE_TASKS = ("include_role", "import_role", "include_tasks", "import_tasks", "setup", "assert", "debug")
OWN_MODULES = {path.stem for kind in ("action", "modules") for path in (ROOT / "plugins" / kind).glob("*.py")}
LIMITS = {
    "roles/*/tasks/main.yml": 30,
    "roles/*/tasks/*.yml": 70,
    "playbooks/tasks/*.yml": 70,
    "roles/*/defaults/main.yml": 80,
    "roles/*/templates/*": 80,
    "plugins/*.py": 250,
    "app/*.py": 250,
    "molecule/*.py": 250,
    "tests/*.py": 250,
}
_SECRET = re.compile(r"passw|secret|token|credential|private_key|htpasswd", re.IGNORECASE)


def modules(task: dict[str, Any]) -> list[str]:
    return [key for key in task if key not in KEYWORDS and not key.startswith("with_")]


def plays(path: Path) -> list[dict[str, Any]]:
    return [entry for entry in load(path) if "hosts" in entry]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=relative)
def test_plays_gather_no_facts(path):
    """All facts cost 0.8 s a play; the few that roles read are gathered once."""
    assert [play["name"] for play in plays(path) if play.get("gather_facts") is not False] == []


@pytest.mark.parametrize("path", PLAYBOOKS, ids=relative)
def test_host_plays_become_root(path):
    """At the play, so that no task forgets it; plays on the controller need no root."""
    for play in plays(path):
        assert play.get("become", False) is (play["hosts"] != "localhost"), play["name"]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=relative)
def test_plays_on_the_controller_connect_to_nobody(path):
    """But for those that lead hosts: their `connection: local` would hold for delegated tasks as well, which would then
    change the controller in the host's name wherever a host's connection is not written down, as with ssh."""
    for play in plays(path):
        if play["hosts"] == "localhost":
            leads = any(task.get("delegate_to", "localhost") != "localhost" for task in reached_by_play(path, play))
            wanted = None if leads else "local"
            assert play.get("connection") == wanted, play["name"]
        else:
            assert "connection" not in play, play["name"]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=relative)
def test_playbooks_hold_no_logic(path):
    """Who, in which order: what is done there is a role's business, where it is tested."""
    names = [module for play in plays(path) for task in tasks_of([play]) for module in modules(task)]
    own = [name for name in names if name.rpartition(".")[2] not in ROLE_TASKS and name not in OWN_MODULES]
    assert own == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_modules_are_named_in_full(path):
    """A short name may come from any collection that is installed. The project's own modules have no other name."""
    names = [module for task in tasks_of(load(path)) for module in modules(task)]
    assert [name for name in names if name.count(".") != 2 and name not in OWN_MODULES] == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_tasks_have_one_module_and_a_name(path):
    """The name is what a failed run shows first: imperative, with a capital letter."""
    for task in tasks_of(load(path)):
        assert len(modules(task)) == 1, task
        assert re.match(r"[A-Z]", task.get("name", "")), task


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_errors_are_not_ignored(path):
    """An error that may be ignored has a condition: failed_when says which."""
    text = path.read_text()
    assert "ignore_errors" not in text
    assert "ignore_unreachable" not in text


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_tasks_with_secrets_do_not_log_them(path):
    """Ansible prints a task's arguments when it fails, and its differences with --diff."""
    for task in tasks_of(load(path)):
        (module,) = modules(task)
        secret = handles_secret(module, task) or renders_secret(path, module, task)
        if secret and not silent(module):
            assert task.get("no_log") is True, task["name"]


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_loops_over_whole_definitions_leave_none_out(path):
    """Of an item that `when` leaves out -v prints everything: where a host needs none, the loop has none."""
    for task in tasks_of(load(path)):
        if task.get("loop_control", {}).get("loop_var") == "app":
            assert "when" not in task, task["name"]


def silent(module: str) -> bool:
    """Return whether a module prints nothing of its arguments: includes pass on, preflight shows no value."""
    return module.rpartition(".")[2] in {"include_role", "import_role", "include_tasks", "import_tasks", "assert"}


def handles_secret(module: str, task: dict[str, Any]) -> bool:
    """Return whether a value among a task's arguments, loop or environment refers to a secret.

    The names of files and descriptions don't count, what stands in templates (`{{ x.password }}`) does, and so do
    arguments that are secret by their name, where they carry a value.
    """
    values = [task[module], task.get("environment"), task.get("loop"), task.get("vars")]
    return any(_refers(value) for value in values)


def renders_secret(path: Path, module: str, task: dict[str, Any]) -> bool:
    """Return whether a task's template has a secret in one of its expressions."""
    if module != "ansible.builtin.template":
        return False
    template = path.parent.parent / "templates" / task[module]["src"]
    return template.is_file() and _refers(template.read_text())


def _refers(value: Any, key: str = "") -> bool:
    if isinstance(value, dict):
        return any(_refers(item, str(name)) for name, item in value.items())
    if isinstance(value, list):
        return any(_refers(item, key) for item in value)
    if not isinstance(value, str):
        return False
    expressions = " ".join(re.findall(r"\{\{.*?\}\}|\{%.*?%\}", value, re.DOTALL))
    # Paths and flags about secrets are no secrets.
    if key in {"src", "dest", "path", "name", "creates", "removes", "no_password_changes"}:
        return False
    words = re.sub(r"'[^']*'|\"[^\"]*\"", "", expressions)
    return bool(_SECRET.search(words)) or (bool(_SECRET.fullmatch(key)) and bool(expressions))


@pytest.mark.parametrize(("pattern", "limit"), LIMITS.items())
def test_files_stay_legible(pattern, limit):
    """A larger file is two things."""
    long = {relative(path): len(path.read_text().splitlines()) for path in tracked(pattern)}
    assert {path: lines for path, lines in long.items() if lines > limit} == {}


def test_nothing_of_the_sample_applications():
    """Any project: what roles, playbooks and plugins know of an application is its definition, also in comments."""
    named = [path for path in tracked("roles", "playbooks", "plugins") if _SAMPLES.search(path.read_text())]
    assert list(map(relative, named)) == []

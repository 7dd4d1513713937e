"""The report of `make test-all` claims nothing that was not seen: every row is there, each with its newest result."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT
from results import page, store, turns
from results.store import Result, Store, Watch

SCENARIOS = """
import pytest

@pytest.mark.parametrize("scenario", ["good", "bad", "late", "left"])
def test_scenario(scenario, teardown):
    if scenario == "left":
        pytest.skip("not here")
    assert scenario != "bad"
"""
MODULE = """
import os, signal

def test_one():
    assert True

def test_two():
    {second}
"""
CONFTEST = """
import pytest
from results.recorder import Recorder
from results.store import Store

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.rootpath, Store(config.rootpath / "kept")))

@pytest.fixture
def teardown(scenario):
    yield
    assert scenario != "late"
"""


@pytest.fixture
def kept(tmp_path):
    return Store(tmp_path / "kept")


@pytest.fixture
def suite(tmp_path):
    """Return what runs a module of tests beside the recorder, which keeps results in ``kept``."""

    def run(module: str, content: str, *options: str) -> str:
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).write_text(content)
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, module]
        environment = {"PYTHONPATH": str(ROOT / "tests"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    return run


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "side by side"])
def test_each_scenario_is_kept_as_it_ended(suite, kept, options):
    said = suite("scenarios/test_scenarios.py", SCENARIOS, *options)
    seen = {name: kept.newest(name).result for name in ("good", "bad", "late", "left")}
    assert seen == {"good": "passed", "bad": "failed", "late": "failed", "left": "skipped"}, said


def test_a_module_of_compose_is_one_row(suite, kept):
    """One test that failed among those that passed must not vanish."""
    suite("compose/test_20_faults.py", MODULE.format(second="assert False"))
    assert kept.newest("compose/test_20_faults").result == "failed"
    suite("compose/test_20_faults.py", MODULE.format(second="assert True"))
    assert kept.newest("compose/test_20_faults").result == "passed"


def test_a_run_that_is_killed_leaves_no_older_pass(suite, kept):
    kept.keep("compose/test_20_faults", Result("passed", 60, "abc1234", "2026-01-01 00:00"))
    suite("compose/test_20_faults.py", MODULE.format(second="os.kill(os.getpid(), signal.SIGKILL)"))
    assert kept.newest("compose/test_20_faults").result == "unfinished"


def test_a_failure_takes_the_place_of_a_pass(kept):
    kept.keep("redis", Result("passed", 40, "abc1234", "2026-01-01 00:00"))
    kept.keep("redis", Result("failed", 20, "def5678", "2026-01-02 00:00"))
    line = page.text(["redis"], kept, "a machine").splitlines()[-1]
    assert line == "| redis | failed | 20 | def5678 | 2026-01-02 00:00 |"


def test_every_row_is_there_run_or_not(kept):
    kept.keep("redis", Result("passed, 1 skipped", 40.4, "abc1234 with changes", "2026-01-01 00:00"))
    kept.keep("nginx", Result("failed", 90, "abc1234", "2026-01-01 01:00"))
    lines = page.text(["integration", "nginx", "redis"], kept, "a machine").splitlines()
    assert lines[-3:] == [
        "| nginx | failed | 90 | abc1234 | 2026-01-01 01:00 |",
        "| redis | passed, 1 skipped | 40 | abc1234 with changes | 2026-01-01 00:00 |",
        "| integration | not run |  |  |  |",
    ]
    assert "1 of 3 passed." in lines


def test_rows_are_all_that_test_all_runs():
    """A scenario that is added has its row before it ever ran."""
    scenarios = {path.parent.name for path in ROOT.glob("molecule/*/molecule.yml")}
    modules = {f"compose/{path.stem}" for path in ROOT.glob("tests/compose/test_*.py")}
    assert set(store.rows()) == scenarios | modules | {"integration"}
    assert scenarios and modules


@pytest.fixture
def checkout(tmp_path):
    """Return a repository with one commit."""
    folder = tmp_path / "checkout"
    (folder / "docs").mkdir(parents=True)
    for name in ("README.md", store.REPORT):
        (folder / name).write_text("first\n")
    author = ["-c", "user.name=someone", "-c", "user.email=someone@example.test"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_the_revision_says_whether_files_differ_from_it(checkout):
    """The report is written between two turns: it alone makes no difference."""
    clean = store.revision(checkout)
    (checkout / store.REPORT).write_text("second\n")
    assert store.revision(checkout) == clean
    (checkout / "new.yml").write_text("")
    assert store.revision(checkout) == f"{clean} with changes"


def test_files_that_change_meanwhile_are_told(checkout, kept):
    watch = Watch(kept, "redis", checkout)
    clean = store.revision(checkout)
    (checkout / "README.md").write_text("second\n")
    watch.end("passed", 40)
    assert kept.newest("redis").revision == f"{clean} to {clean} with changes"


def test_without_git_nothing_is_claimed(tmp_path):
    assert store.revision(tmp_path) == "unknown"


def test_all_turns_run_where_nothing_is_named():
    assert [command[-1] for command in turns.commands([])] == ["tests/scenarios", "tests/scenarios", "tests/compose"]


def test_rows_run_in_their_own_company():
    """A scenario that measures latency is not selected by the turn of those that run side by side, and back."""
    commands = turns.commands(["release", "compose/test_20_faults"])
    node = "tests/scenarios/test_scenarios.py::test_scenario[release]"
    assert [command[-1] for command in commands] == [node, node, "tests/compose/test_20_faults.py"]
    assert [command[command.index("-m") + 1] for command in commands[:2]] == ["alone", "not alone"]


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 5], 0), ([5, 1, 0], 1), ([0, 0], 0), ([5, 5], 5), ([1, 2], 1), ([], 0)]
)
def test_one_failure_is_enough(codes, code):
    assert turns.verdict(codes) == code


def test_an_unknown_name_is_refused():
    done = subprocess.run([ROOT / "bin/test-all", "redsi"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "there is no redsi; there are: alone, beside, compose, integration" in done.stderr

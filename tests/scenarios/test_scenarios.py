"""Every scenario under molecule/, each a test: `pytest -n 2 --dist worksteal tests/scenarios` runs two side by side."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Longest first, so that two workers end at about the same time.
LONG = [
    "release", "drills", "growing", "staging", "cluster", "balanced", "rotation", "applications", "operating", "stack",
    "failover", "backup", "release_bookworm", "stack_plain", "stack_bookworm", "backup_bookworm", "unlike", "garden",
    "certificates", "celery", "celery_demo", "rabbitmq", "postgres",
]  # fmt: skip
# Only with CLOCHE_ALL, that is `make test-all`.
EXTENDED = {
    "stack_plain", "stack_bookworm", "release_bookworm", "backup", "backup_bookworm", "celery", "celery_demo", "garden",
    "applications", "unlike", "certificates", "operating", "rotation", "cluster", "balanced", "drills", "growing",
}  # fmt: skip
# They measure how long an answer takes: `make test-all` runs nothing beside them.
ALONE = {"release", "staging", "cluster", "balanced", "drills", "growing"}
#: With CLOCHE_ALL `release` and `rotation` go every way there is, and `operating` tries every step of every runbook.
SECONDS = 5400 if os.environ.get("CLOCHE_ALL") else 1500
#: A folder; where it is given, the hosts of a scenario that fails are left to be looked at, and their state is there.
KEPT = os.environ.get("CLOCHE_KEEP", "")
TAIL = 150  # lines
#: What a log says in a line of why a scenario failed: tests by name, their assertions, tasks and what they answered.
WHY = re.compile(r"(FAILED|ERROR|E  +|fatal:|failed:|CRITICAL|\[ERROR\])")


def scenarios() -> list[str]:
    """Return the scenarios' names, the long ones first."""
    names = {path.parent.name for path in (PROJECT / "molecule").glob("*/molecule.yml")}
    return sorted(names, key=lambda name: (LONG.index(name) if name in LONG else len(LONG), name))


def environment(scenario: str, folder: Path) -> dict[str, str]:
    """Return what a scenario runs in: mitogen where it is installed, unless the scenario is there to do without."""
    variables = os.environ | {"NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "COLUMNS": "140"}
    # By default all checkouts of one name share a folder, and it outlives them: links that lead nowhere stop a run.
    variables["MOLECULE_EPHEMERAL_DIRECTORY"] = str(folder / "molecule")
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
    for name in ("ANSIBLE_STRATEGY", "ANSIBLE_STRATEGY_PLUGINS"):
        variables.pop(name, None)
    mitogen = find_spec("ansible_mitogen")
    if mitogen and not scenario.endswith("_plain"):
        variables["ANSIBLE_STRATEGY"] = "mitogen_linear"
        variables["ANSIBLE_STRATEGY_PLUGINS"] = f"{mitogen.submodule_search_locations[0]}/plugins/strategy"
        # Third-party strategies may go in core 2.23; the `_plain` scenarios prove that the kit runs without.
        variables["ANSIBLE_DEPRECATION_WARNINGS"] = "false"
    return variables


def molecule(verb: str, scenario: str, log: Path, seconds: float, *options: str) -> int:
    """Run molecule and return its exit code; 124 when time is up, like timeout(1)."""
    command = ["molecule", verb, "--scenario-name", scenario, *options]
    with log.open("a") as output:
        try:
            return subprocess.run(
                command, cwd=PROJECT, env=environment(scenario, log.parent), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, timeout=seconds, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            return 124


def told(log: Path) -> str:
    """Return what a log tells of a failure: why, in a few lines, for who sees only the beginning; then its end."""
    lines = log.read_text(errors="replace").splitlines()
    why = [line[:300] for line in lines if WHY.match(line.strip())]
    return "\n".join([*why[-25:], "", *lines[-TAIL:]])


def parameters() -> list[Any]:
    """Return the scenarios as pytest's parameters, those that run alone marked so."""
    return [pytest.param(name, marks=[pytest.mark.alone] if name in ALONE else []) for name in scenarios()]


@pytest.mark.parametrize("scenario", parameters())
def test_scenario(scenario: str, tmp_path: Path) -> None:
    """Create, converge, converge again without a change, verify, destroy."""
    if scenario in EXTENDED and not os.environ.get("CLOCHE_ALL"):
        pytest.skip("runs with `make test-all`")
    place = Path(KEPT, scenario) if KEPT else tmp_path
    place.mkdir(parents=True, exist_ok=True)
    log = place / "molecule.log"
    log.unlink(missing_ok=True)
    if KEPT:
        # Not to begin on the hosts that an earlier run has left: the option below also skips the first destroy.
        molecule("destroy", scenario, log, 120)
    code = molecule("test", scenario, log, SECONDS, *(["--destroy=never"] if KEPT else []))
    why = told(log)
    # Without KEPT molecule has done it, if it came to its end.
    if code == (0 if KEPT else 124):
        molecule("destroy", scenario, log, 120)
    assert code == 0, f"molecule test -s {scenario} ended with {code}\n{why}"

"""What `bin/test-all` runs, and in which company."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass

from results.store import INTEGRATION, PROJECT, Store, Watch, rows

NOTHING_SELECTED = 5  # pytest's exit code


@dataclass(frozen=True)
class Turn:
    """A run of pytest: its options, and the folder of tests/ that it is about."""

    options: tuple[str, ...]
    folder: str


#: Who measures latency runs alone; the others two side by side; then the stacks of compose, which use both cores.
TURNS = {
    "alone": Turn(("-m", "alone"), "scenarios"),
    "beside": Turn(("-m", "not alone", "-n", "2", "--dist", "worksteal"), "scenarios"),
    "compose": Turn((), "compose"),
}


def unknown(names: list[str]) -> list[str]:
    """Return the names that are neither a turn nor a row."""
    return [name for name in names if name not in TURNS and name not in rows()]


def commands(names: list[str]) -> list[list[str]]:
    """Return pytest's command lines for turns and rows, all turns where nothing is named."""
    found = []
    for name, turn in TURNS.items():
        targets = [f"tests/{turn.folder}"] if name in names or not names else _targets(turn.folder, names)
        if targets:
            command = [str(PROJECT / ".venv/bin/pytest"), "-p", "results.recorder", *turn.options]
            found.append([*command, *targets])
    return found


def run(names: list[str]) -> int:
    """Run turns and rows, one after the other whatever comes of them; return the first code that is no success."""
    codes = [integration()] if INTEGRATION in names or not names else []
    path = os.pathsep.join(filter(None, [str(PROJECT / "tests"), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"CLOCHE_ALL": "1", "PYTHONPATH": path}
    for command in commands(names):
        codes.append(subprocess.run(command, cwd=PROJECT, env=environment).returncode)
    return verdict(codes)


def verdict(codes: list[int]) -> int:
    """Return one exit code for several: a scenario that is named belongs to one turn only, the other has none then."""
    return next((code for code in codes if code not in (0, NOTHING_SELECTED)), min(codes, default=0))


def integration() -> int:
    """Run the integration tests, which pytest of another environment runs."""
    watch, begun = Watch(Store(), INTEGRATION), time.monotonic()
    code = subprocess.run([PROJECT / "bin/integration-tests"], cwd=PROJECT).returncode
    watch.end("failed" if code else "passed", time.monotonic() - begun)
    return code


def _targets(folder: str, names: list[str]) -> list[str]:
    if folder == "compose":
        return [f"tests/{name}.py" for name in names if name.startswith("compose/")]
    scenarios = [name for name in names if name in rows() and "/" not in name and name != INTEGRATION]
    return [f"tests/scenarios/test_scenarios.py::test_scenario[{name}]" for name in scenarios]

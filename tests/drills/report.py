"""The report of drills: a table, and a picture of them all over time."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from load import report as _load_report  # noqa: F401  puts what measurements share in reach
from provisioning.environments import install
from provisioning.process import ROOT, run

from drills.fault import Fault
from drills.results import Result

_ABOUT = """\
# The newest drill of each fault

Written by `make drill`; what each fault is and must hold stands in `tests/drills/faults/`, how to run one in
[Operating it](operations.md#drills). Twenty ledger entries a second are posted and as many pages read while a fault
happens. An entry counts as *accepted* once it was answered with 202, as *lost* where its task was never completed, as
*twice* where more than one run completed it. *Refused* are requests that were not served; for an entry that means
*perhaps*, and to repeat its key is harmless. *Recovered* is from the moment when the fault's cause is gone (for a kill,
from the kill) until entries are accepted and no more of them wait than before. Nobody helps.

*Load* is the machine's load average before the drill: where it is far above the number of cores, other work was going
on, and times say little.

Environment {environment}, {cores} cores that hold the stack and the load. {count} of {all} drills hold.

![Accepted and completed entries over time in each drill, the fault shaded]({picture})

| Fault | Accepted | Lost | Twice | Refused | Recovered | Holds | Load | Revision | When (UTC) |
|---|---|---|---|---|---|---|---|---|---|
"""


def text(environment: str, faults: Mapping[str, type[Fault]], results: Mapping[str, Result], picture: str) -> str:
    """Return the report on the newest result of each fault, or that there is none."""
    held = sum(not result.broken for result in results.values())
    head = _ABOUT.format(picture=picture, environment=environment, cores=os.cpu_count(), count=held, all=len(faults))
    rows = [row(results[name]) if name in results else _missing(kind) for name, kind in faults.items()]
    return head + "".join(f"{line}\n" for line in rows)


def row(result: Result) -> str:
    """Return a drill's line of the table."""
    found = result.figures
    counts = [found[name] for name in ("accepted", "lost", "duplicated", "refused")]
    words = ["?" if count is None else f"{count:,}" for count in counts]
    if deleted := found.get("deleted"):
        words[1] += f", {deleted} of them deleted by the fault"
    cells = [
        result.title, *words,
        _seconds(found["recovered_after"]), "; ".join(result.broken) or "yes",
        "" if result.busy is None else f"{result.busy:.0f}", result.revision, result.when,
    ]  # fmt: skip
    return _line(cells)


def draw(results: Mapping[str, Result], picture: Path) -> None:
    """Draw a panel for each result. Raises BenchError."""
    python = install(ROOT / "requirements/report.txt", ROOT / ".cache/report-venv")
    drawn = json.dumps([asdict(result) for result in results.values()]).encode()
    environment = {"MPLCONFIGDIR": str(ROOT / ".cache/matplotlib")}
    run(python, Path(__file__).with_name("chart.py"), picture.resolve(), timeout=180, env=environment, stdin=drawn)


def _missing(kind: type[Fault]) -> str:
    return _line([kind.title, *[""] * 5, "not run", "", "", ""])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"

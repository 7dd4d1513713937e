"""The newest outcome of each fault, a file of JSON each: written as soon as it is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from load import marks, samples
from results.store import revision

from drills.drill import Outcome
from drills.measure import told
from drills.stack import PROJECT


@dataclass(frozen=True)
class Result:
    """What came of a fault: for a row of the table, and a panel of the picture; times are seconds.

    ``over`` is from when to when the fault lasted, ``at`` when the ledger was asked, both since the load began;
    ``accepted`` and ``completed`` what it said; ``busy`` is the machine's load average before it.
    """

    name: str
    title: str
    figures: dict[str, Any]
    broken: list[str]
    when: str
    revision: str
    over: tuple[float, float]
    at: list[float]
    accepted: list[int]
    completed: list[int]
    busy: float | None = None


def of(outcome: Outcome) -> Result:
    """Return an outcome as it is kept."""
    run = samples.read(outcome.samples)
    began = run.begin["at"]
    begin, end = (span.at - began for span in marks.read(outcome.marks))
    counts = told(run.requests)
    return Result(
        outcome.fault.name, outcome.fault.title,
        {**asdict(outcome.figures), "recovered_after": outcome.figures.recovered_after}, outcome.broken,
        f"{datetime.now(UTC):%Y-%m-%d %H:%M}", revision(PROJECT), (begin, end),
        [round(at - began, 2) for at, _, _ in counts], [accepted for _, accepted, _ in counts],
        [completed for _, _, completed in counts], round(outcome.busy, 1),
    )  # fmt: skip


def keep(result: Result, folder: Path) -> None:
    """Let a result take the place of the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{result.name}.new"
    new.write_text(json.dumps(asdict(result)), encoding="utf-8")
    new.replace(folder / f"{result.name}.json")


def newest(names: Sequence[str], folder: Path) -> dict[str, Result]:
    """Return the results that there are, by name, in the names' order."""
    found = {name: folder / f"{name}.json" for name in names}
    return {name: Result(**json.loads(path.read_text())) for name, path in found.items() if path.is_file()}

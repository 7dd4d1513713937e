"""The report of drills: a table, and a picture of each drill over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from load import marks, samples
from load import report as load_report

from drills.drill import Outcome

_HEAD = [
    "| Fault | Accepted | Lost | Twice | Refused | Accepts again after | Caught up after | Holds |",
    "|---|---|---|---|---|---|---|---|",
]


def row(outcome: Outcome) -> str:
    """Return a drill's line of the table."""
    found = outcome.figures
    counts = (found.accepted, found.lost, found.duplicated, found.refused)
    cells = [
        outcome.fault.title, *map(_number, counts),
        _seconds(found.accepted_after), _seconds(found.caught_up_after), "; ".join(outcome.broken) or "yes",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def text(outcomes: Sequence[Outcome], where: str) -> str:
    """Return the report of some drills; ``where`` says on what they ran."""
    about = (
        "Written by `make drill`. Twenty entries a second are posted and as many pages read while each fault happens; "
        "an entry counts as accepted once it was answered with 202, as lost when its task never completed. Refused are "
        "requests that were not served: to repeat one is harmless. Seconds count from when the cause was gone."
    )
    return "\n".join([
        "# The last run of the drills", "", about, "", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {where}.", "",
        *_HEAD, *map(row, outcomes), "",
    ])  # fmt: skip


def draw(outcome: Outcome, folder: Path) -> None:
    """Draw requests and tasks over time, with the fault marked, into ``folder``/<name>.svg."""
    out = folder / outcome.fault.name
    load_report.write(samples.read(outcome.samples), marks.read(outcome.marks), out)


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"

"""What happened meanwhile, by the clock: lines of JSON that plugins/callback/progress.py and tests write.

``{"at": epoch, "event": "play" | "task" | "end", "name": ...}``: a play begins, a task begins, a task has ended on
a host (``host``) or the playbook has (no ``host``). A test adds a moment of its own with the event ``mark``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from load import samples

#: The task of a release in which nginx is pointed to other processes.
SWITCHES = r"Hand the web processes over"


@dataclass(frozen=True)
class Span:
    """A play, task or moment with its begin and end, epoch seconds; ``event`` is play, task or mark."""

    event: str
    name: str
    at: float
    until: float


def add(path: Path, name: str) -> None:
    """Add a moment to a file of marks."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": time.time(), "event": "mark", "name": name}) + "\n")


def read(path: Path) -> list[Span]:
    """Return what a file of marks tells, by begin. Raises OSError, ValueError."""
    return spans(list(samples.lines(path)))


def spans(marks: Sequence[dict]) -> list[Span]:
    """Return plays, tasks and moments: a task ends with its last host, or where it is told nothing, with the next."""
    found, open_play, open_task = [], None, None
    for mark in marks:
        at, event, name = mark["at"], mark["event"], mark["name"]
        if event == "mark":
            found.append(Span("mark", name, at, at))
        elif event == "end" and "host" in mark:
            if open_task and open_task.name == name:
                open_task = Span("task", name, open_task.at, at)
        else:
            found += _closed(open_task, at)
            open_task = Span("task", name, at, 0) if event == "task" else None
            if event != "task":
                found += _closed(open_play, at)
                open_play = Span("play", name, at, 0) if event == "play" else None
    last = marks[-1]["at"] if marks else 0
    found += _closed(open_task, last) + _closed(open_play, last)
    return sorted(found, key=lambda span: (span.at, -span.until))


def switches(found: Sequence[Span], pattern: str = SWITCHES) -> list[Span]:
    """Return the moments, and the tasks whose name matches."""
    return [span for span in found if span.event == "mark" or (span.event == "task" and re.search(pattern, span.name))]


def _closed(span: Span | None, at: float) -> list[Span]:
    return [Span(span.event, span.name, span.at, span.until or at)] if span else []

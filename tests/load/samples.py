"""The generator's lines, read again.

The first line has the kind ``begin`` (``at``, ``plan``), the last the kind ``end`` (``at``, ``reason``, ``seconds``,
``cpu``); a generator that was killed has left none. Each other line is a request: ``kind`` (get, post, summary), ``at``
(epoch at which it was due), ``sent`` (epoch at which it was sent), ``host``, ``path``, ``status`` or ``error``, ``ms``
from when it was due until its answer was read, and, of a summary, ``ledger``: what it said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: What an answer must be for the request to count as served.
_SERVED = {"get": range(200, 400), "post": range(202, 203), "summary": range(200, 201)}


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. Times are epoch seconds but for ``ms``; ``status`` is 0 where there was no answer."""

    kind: str
    at: float
    ms: float
    status: int = 0
    error: str = ""
    sent: float = 0.0
    host: str = ""
    path: str = ""
    ledger: dict[str, int] | None = None

    @property
    def failed(self) -> bool:
        """Whether there was no answer, or not the one that is expected."""
        return self.status not in _SERVED[self.kind]


@dataclass(frozen=True)
class Samples:
    """A run: what was to be sent, each request, and how the generator fared (None: it was killed)."""

    begin: dict[str, Any]
    requests: list[Sample] = field(default_factory=list)
    end: dict[str, Any] | None = None


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield each complete line of a file of JSON lines; the last one may have been cut by a kill."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def read(path: Path) -> Samples:
    """Return a run, its requests in the order in which they were due. Raises OSError, ValueError where it is none."""
    begin, end, requests = None, None, []
    for line in lines(path):
        if line["kind"] == "begin":
            begin = line
        elif line["kind"] == "end":
            end = line
        else:
            requests.append(Sample(**line))
    if begin is None:
        raise ValueError(f"{path} does not begin like a run of the load")
    return Samples(begin, sorted(requests, key=lambda sample: sample.at), end)

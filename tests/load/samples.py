"""The generator's lines, read again.

The first line has the kind ``begin`` (``at``, ``plan``), the generator's last the kind ``end`` (``at``, ``reason``,
``seconds``, ``cpu``); one that was killed has left none. What the ledger says in the end is added to them later, as the
kind ``last`` (``at``, ``ledger``). Each other line is a request: ``kind`` (get, post, summary), ``at``
(epoch at which it was due), ``sent`` (epoch at which it was sent), ``host``, ``path``, ``status`` or ``error``, ``ms``
from when it was due until its answer was read, and, of a summary, ``ledger``: what it said.
"""

from __future__ import annotations

import json
import time
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
    """A run: what was to be sent, each request, how the generator fared, the ledger's last word; None: unknown."""

    begin: dict[str, Any]
    requests: list[Sample] = field(default_factory=list)
    end: dict[str, Any] | None = None
    last: dict[str, Any] | None = None


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield each complete line of a file of JSON lines; the last one may have been cut by a kill."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def read(path: Path) -> Samples:
    """Return a run, its requests in the order in which they were due. Raises OSError, ValueError where it is none."""
    about: dict[str, dict[str, Any]] = {}
    requests = []
    for line in lines(path):
        if line["kind"] in _SERVED:
            requests.append(Sample(**line))
        else:
            about[line["kind"]] = line
    if "begin" not in about:
        raise ValueError(f"{path} does not begin like a run of the load")
    return Samples(about["begin"], sorted(requests, key=lambda sample: sample.at), about.get("end"), about.get("last"))


def add_last_word(path: Path, counts: dict[str, int]) -> None:
    """Add what the ledger says in the end."""
    whole = path.read_bytes()
    # Behind a line that a kill has cut, the new one would be lost with it.
    kept = whole[: whole.rfind(b"\n") + 1]
    line = {"kind": "last", "at": time.time(), "ledger": counts}
    path.write_bytes(kept + json.dumps(line).encode() + b"\n")

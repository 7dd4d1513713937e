"""Figures of a drill, from the load's samples: pure functions. Times are seconds.

``begin`` is when a fault came, ``end`` when its cause was being taken away, or had gone by itself (epoch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from load.figures import between
from load.samples import Sample

#: So long every post must be accepted for the stack to count as accepting again, and the backlog as worked off.
STEADY = 3.0
#: Entries beyond the most that were outstanding before a fault: a quarter of a second's.
SLACK = 5


@dataclass(frozen=True)
class Figures:
    """What came of a drill; None: never, or unknown."""

    accepted: int | None
    lost: int | None
    duplicated: int | None
    #: Posts and gets that were not served.
    refused: int
    accepted_after: float | None
    completed_after: float | None
    caught_up_after: float | None
    slowest_get: float
    slowest_post: float
    #: What the fault itself saw, of other work than the load's.
    own_after: float = 0
    #: Of the lost: those whose messages the fault itself deleted.
    deleted: int = 0

    @property
    def recovered_after(self) -> float | None:
        """From the fault's end until all is as before."""
        if self.accepted_after is None or self.caught_up_after is None:
            return None
        return max(self.accepted_after, self.caught_up_after, self.own_after)


def accepted_after(samples: Sequence[Sample], end: float) -> float | None:
    """Return how long after the end posts are accepted for ``STEADY`` seconds without one that fails."""
    begun = None
    for post in (sample for sample in samples if sample.kind == "post" and sample.at >= end):
        if post.failed:
            begun = None
            continue
        at = post.at + post.ms / 1000
        begun = at if begun is None else begun
        if at - begun >= STEADY:
            return begun - end
    return None


def told(samples: Sequence[Sample]) -> list[tuple[float, int, int]]:
    """Return what the ledger said meanwhile, in order: when, how many were accepted, how many of them completed."""
    # During a fault answers overtake each other.
    return sorted((s.at + s.ms / 1000, s.ledger["accepted"], s.ledger["completed"]) for s in samples if s.ledger)


def completed_after(samples: Sequence[Sample], begin: float, end: float) -> float | None:
    """Return how long after the end tasks are completed again: 0 where none waited for ``STEADY`` seconds.

    It is the end of the longest time in which nothing moved, as what was under way when the fault came may still be
    completed early in it.
    """
    readings = [reading for reading in told(samples) if reading[0] >= begin]
    steps = zip(readings, [(begin, 0, 0), *readings], strict=False)
    moved = [at for (at, accepted, now), (_, _, before) in steps if now > before or accepted == now]
    last = readings[-1][0] if readings else begin
    longest, over = max((after - before, after) for before, after in pairwise([begin, *moved, last]))
    if longest < STEADY:
        return 0.0
    return max(over - end, 0.0) if over in moved else None


def caught_up_after(samples: Sequence[Sample], begin: float, end: float) -> float | None:
    """Return how long after the end no more is outstanding than usual, for ``STEADY`` seconds and to the last word."""
    outstanding = [(at, accepted - completed) for at, accepted, completed in told(samples)]
    usual = max((count for at, count in outstanding if at < begin), default=0) + SLACK
    more = max((at for at, count in outstanding if at >= end and count > usual), default=end)
    found = next((at for at, _ in outstanding if at > more), None)
    return None if found is None or outstanding[-1][0] - found < STEADY else found - end


def slowest(samples: Sequence[Sample], kind: str) -> float:
    """Return how long the slowest answer of a kind took, served or not; 0 where there was none."""
    return max((sample.ms / 1000 for sample in samples if sample.kind == kind), default=0.0)


def figures(samples: Sequence[Sample], begin: float, end: float, last: dict[str, int] | None) -> Figures:
    """Return the figures of a fault from ``begin`` to ``end`` (epoch); ``last`` is what the ledger says after all."""
    counts = last or {}
    meanwhile = between(samples, begin, end + STEADY)
    return Figures(
        accepted=counts.get("accepted"),
        lost=counts.get("lost"),
        duplicated=counts.get("duplicated"),
        refused=sum(sample.failed for sample in samples if sample.kind != "summary"),
        accepted_after=accepted_after(samples, end),
        completed_after=completed_after(samples, begin, end),
        caught_up_after=caught_up_after(samples, begin, end),
        slowest_get=slowest(meanwhile, "get"),
        slowest_post=slowest(meanwhile, "post"),
    )

"""Figures of a drill, from the load's samples: pure functions. Times are seconds.

``begin`` is when a fault was there, ``end`` when its cause was gone (epoch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from load.figures import between
from load.samples import Sample

#: So long every post must be accepted for the stack to count as accepting again.
STEADY = 3.0


@dataclass(frozen=True)
class Figures:
    """What came of a drill; None: never, or unknown."""

    accepted: int | None
    lost: int | None
    duplicated: int | None
    #: Posts and gets that were not served.
    refused: int
    accepted_after: float | None
    caught_up_after: float | None
    slowest_get: float
    slowest_post: float


def accepted_after(samples: Sequence[Sample], end: float) -> float | None:
    """Return how long after the end posts are accepted for ``STEADY`` seconds without one that fails."""
    begun = None
    for sample in (sample for sample in samples if sample.kind == "post" and sample.at >= end):
        answered = sample.at + sample.ms / 1000
        if sample.failed:
            begun = None
        else:
            begun = answered if begun is None else begun
            if answered - begun >= STEADY:
                return begun - end
    return None


def caught_up_after(samples: Sequence[Sample], begin: float, end: float) -> float | None:
    """Return how long after the end as few entries are outstanding as the most before the fault began, or one more."""
    told = [(s.at + s.ms / 1000, s.ledger["accepted"] - s.ledger["completed"]) for s in samples if s.ledger]
    usual = max((outstanding for at, outstanding in told if at < begin), default=0)
    return next((at - end for at, outstanding in told if at >= end and outstanding <= usual + 1), None)


def slowest(samples: Sequence[Sample], kind: str) -> float:
    """Return how long the slowest answer of a kind took, served or not; 0 where there was none."""
    return max((sample.ms / 1000 for sample in samples if sample.kind == kind), default=0.0)


def figures(samples: Sequence[Sample], begin: float, end: float, last: dict[str, int] | None) -> Figures:
    """Return the figures of a fault from ``begin`` to ``end`` (epoch); ``last`` is what the ledger says after all."""
    told = last or {}
    meanwhile = between(samples, begin, end + STEADY)
    return Figures(
        accepted=told.get("accepted"),
        lost=told.get("lost"),
        duplicated=told.get("duplicated"),
        refused=sum(sample.failed for sample in samples if sample.kind != "summary"),
        accepted_after=accepted_after(samples, end),
        caught_up_after=caught_up_after(samples, begin, end),
        slowest_get=slowest(meanwhile, "get"),
        slowest_post=slowest(meanwhile, "post"),
    )

"""Figures from samples: pure functions. Latencies are milliseconds, of served requests; failures are counted beside."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from load.marks import Span
from load.samples import Sample

#: Seconds around a switch: half of them before it begins, half after it has ended.
AROUND = 5.0


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest of the values that ``share`` (0 to 1) of them do not exceed; None without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def between(samples: Iterable[Sample], begin: float, end: float) -> list[Sample]:
    """Return what was due from ``begin`` (included) to ``end`` (not)."""
    return [sample for sample in samples if begin <= sample.at < end]


def summarise(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return how many were sent and failed, by status and by error, and the latencies (None: none was served)."""
    served = [sample.ms for sample in samples if not sample.failed]
    return {
        "sent": len(samples),
        "failed": len(samples) - len(served),
        "status": dict(sorted(Counter(str(sample.status) for sample in samples if sample.status).items())),
        "errors": dict(sorted(Counter(sample.error for sample in samples if sample.error).items())),
        "p50_ms": percentile(served, 0.5),
        "p95_ms": percentile(served, 0.95),
        "p99_ms": percentile(served, 0.99),
        "max_ms": max(served, default=None),
    }


def clients(samples: Iterable[Sample]) -> list[Sample]:
    """Return what stands for clients: all but the summaries, whose query grows with the run."""
    return [sample for sample in samples if sample.kind != "summary"]


def by_kind(samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """Return the summary of each kind, and of ``clients`` together."""
    kinds = sorted({sample.kind for sample in samples})
    found = {kind: summarise([sample for sample in samples if sample.kind == kind]) for kind in kinds}
    return {"clients": summarise(clients(samples)), **found}


def quiet(samples: Iterable[Sample], spans: Sequence[Span]) -> dict[str, Any]:
    """Return the summary of the clients' requests before the first mark; of all of them without marks."""
    first = min((span.at for span in spans), default=math.inf)
    return summarise(between(clients(samples), -math.inf, first))


def around_switches(
    samples: Iterable[Sample], switches: Iterable[Span], usual: dict[str, Any], around: float = AROUND
) -> list[dict[str, Any]]:
    """Return for each switch the clients' summary around it, and its p99 as a multiple of the quiet one."""
    found, of_clients = [], clients(samples)
    for switch in switches:
        part = summarise(between(of_clients, switch.at - around / 2, switch.until + around / 2))
        ratio = part["p99_ms"] / usual["p99_ms"] if part["p99_ms"] is not None and usual["p99_ms"] else None
        seconds = round(switch.until - switch.at, 3)
        found.append({"name": switch.name, "at": switch.at, "seconds": seconds, **part, "p99_ratio": ratio})
    return found


def lateness(samples: Iterable[Sample]) -> dict[str, float | None]:
    """Return how late the generator itself sent, in ms: the p99 and the largest."""
    late = [(sample.sent - sample.at) * 1000 for sample in samples]
    return {"p99_ms": percentile(late, 0.99), "max_ms": max(late, default=None)}


def ledger(samples: Iterable[Sample], counts: dict[str, int] | None) -> dict[str, int | None]:
    """Return what became of the entries: ``counts`` is the ledger's last word, None where it gave none.

    answered: posts answered with 202. accepted, completed, lost, duplicated, skipped, unconfirmed: what the ledger
    says, None where it says nothing of it. forgotten: answered, but unknown to it. Without its word all are None.
    """
    answered = sum(1 for sample in samples if sample.kind == "post" and not sample.failed)
    names = ("accepted", "completed", "lost", "duplicated", "skipped", "unconfirmed")
    told = {name: counts.get(name) if counts else None for name in names}
    return {"answered": answered, **told, "forgotten": max(0, answered - counts["accepted"]) if counts else None}

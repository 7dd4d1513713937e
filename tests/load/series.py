"""What the picture shows, over time: pure functions. Times are seconds since the load began."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from load.figures import clients, percentile
from load.marks import Span
from load.samples import Sample, Samples

#: The stages of a release: what plays and tasks are called, and how the picture calls them.
STAGES = (
    (r"^Ask before|^Check the inventory|^Look at the hosts|^Have an answer|^Refuse what", "check"),
    (r"^Compare what runs|^Lock what", "lock"),
    (r"^Build the releases", "build"),
    (r"^Stage the releases", "stage"),
    (r"Bring database and broker", "migrate"),
    (r"Hand the (worker|web)", r"\1"),
    (r"Hand over what must not run twice", "beat, Flower"),
    (r"Use the release as its users do", "verify"),
    (r"Make the release the current one", "record"),
)
#: Seconds over which a p99 is taken: at 60 requests a second, fewer would make it the largest value.
P99_SECONDS = 5


def stages(spans: Sequence[Span]) -> list[dict[str, Any]]:
    """Return label, begin and end (epoch) of each stage, by begin; equal ones side by side are one.

    A moment of a test's own is a stage. A play that is none and holds none stands under its own name.
    """
    named = [(span, _label(span)) for span in spans]
    found = [(span.at, span.until, label) for span, label in named if label]
    for span, label in named:
        if span.event == "play" and not label and not any(span.at <= begin < span.until for begin, *_ in found):
            found.append((span.at, span.until, span.name))
    joined: list[dict[str, Any]] = []
    for begin, end, label in sorted(found):
        if joined and joined[-1]["label"] == label:
            joined[-1]["end"] = max(joined[-1]["end"], end)
        else:
            joined.append({"label": label, "begin": begin, "end": end})
    return joined


def _label(span: Span) -> str:
    if span.event == "mark":
        return span.name
    matches = ((re.search(pattern, span.name), label) for pattern, label in STAGES)
    return next((match.expand(label) for match, label in matches if match), "")


def per_second(moments: Sequence[float], seconds: int) -> list[int]:
    """Return how many of the moments lie in each second from 0; later ones are left out."""
    counts = [0] * seconds
    for moment in moments:
        if 0 <= moment < seconds:
            counts[int(moment)] += 1
    return counts


def sliding(samples: Sequence[Sample], began: float, seconds: int, share: float, width: int) -> list[float | None]:
    """Return a percentile of the latency in ms around each second, over ``width`` (odd) seconds; None: nothing."""
    buckets: list[list[float]] = [[] for _ in range(seconds)]
    for sample in samples:
        second = math.floor(sample.at - began)
        if not sample.failed and 0 <= second < seconds:
            buckets[second].append(sample.ms)
    half = width // 2
    return [
        percentile([ms for bucket in buckets[max(0, second - half) : second + half + 1] for ms in bucket], share)
        for second in range(seconds)
    ]


def series(samples: Samples, spans: Sequence[Span]) -> dict[str, Any]:
    """Return all that is drawn: stages, answers a second, latencies in ms, and the ledger's counts."""
    began, sent = samples.begin["at"], clients(samples.requests)
    over = max((sample.at + sample.ms / 1000 for sample in sent), default=began)
    seconds = max(1, math.floor(over - began))

    def ended(chosen: list[Sample]) -> list[int]:
        return per_second([sample.at + sample.ms / 1000 - began for sample in chosen], seconds)

    # A summary that had to wait tells how things stood when it was answered.
    told = [(sample.at + sample.ms / 1000 - began, sample.ledger) for sample in samples.requests if sample.ledger]
    if samples.last:
        told.append((min(samples.last["at"], over) - began, samples.last["ledger"]))
    told.sort(key=lambda at_and_counts: at_and_counts[0])
    return {
        "seconds": seconds,
        "stages": [{**s, "begin": s["begin"] - began, "end": s["end"] - began} for s in stages(spans)],
        "answers": {kind: ended([s for s in sent if s.kind == kind and not s.failed]) for kind in ("get", "post")},
        "failures": ended([sample for sample in samples.requests if sample.failed]),
        "requests": {
            kind: [(sample.at - began, sample.ms) for sample in sent if sample.kind == kind and not sample.failed]
            for kind in ("get", "post")
        },
        "failed": [(sample.at - began, sample.ms) for sample in sent if sample.failed],
        "p50_ms": sliding(sent, began, seconds, 0.5, 1),
        "p99_ms": sliding(sent, began, seconds, 0.99, P99_SECONDS),
        "ledger": {
            "at": [at for at, _ in told],
            **{name: [counts[name] for _, counts in told] for name in ("accepted", "completed")},
        },
    }

"""The parts of the page. Each is built alone, so a service that is away leaves the others as they are."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.bounded import Question, ask
from ops import beat, broker, selectors, throughput, workers

#: Seconds that all questions of a page together may take.
LIMIT = 4.0
#: Seconds that an answer serves whoever looks at this process's pages.
FRESH = 5.0

#: By name: what is asked of a service, all at the same time.
QUESTIONS: dict[str, Question] = {
    "queues": broker.queues,
    "workers": workers.workers,
    "server": broker.server,
    "throughput": throughput.last_hour,
    "tick": beat.last_tick,
}
#: Without a broker there is nobody to ask these.
_BROKER_QUESTIONS = {"queues", "workers", "server"}


@dataclass(frozen=True)
class Part:
    """A part of the page; it is asked for again after ``refresh`` seconds."""

    title: str
    refresh: int
    questions: tuple[str, ...]
    build: Callable[[selectors.Answers], dict[str, Any]]
    without_broker: str = ""


PARTS = {
    "queues": Part(
        "Queues",
        10,
        ("queues", "workers"),
        selectors.queues,
        "There is no broker, and so no queue: tasks go straight to threads of this web process.",
    ),
    "workers": Part(
        "Workers",
        10,
        ("workers",),
        selectors.workers,
        "There are no workers: tasks run in threads of this web process, and end with it.",
    ),
    "throughput": Part("Last hour", 30, ("throughput",), selectors.throughput),
    "beat": Part(
        "Beat",
        30,
        ("tick",),
        selectors.beat_state,
        "There is no beat: without a broker nobody publishes the schedules.",
    ),
    "versions": Part("Versions", 300, ("server",), selectors.versions),
}


def contexts(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return ``{"name", "title", "refresh", "template", "as_of", "problem", **its own}`` of each part, within seconds.

    problem: a sentence in place of the part where what it needs is away, else empty.
    """
    parts = {name: PARTS[name] for name in names}
    is_alone = selectors.is_without_broker()
    wanted = {question for part in parts.values() for question in part.questions}
    wanted -= _BROKER_QUESTIONS if is_alone else set()
    asked = ask({f"ops-{name}": QUESTIONS[name] for name in wanted}, LIMIT, FRESH)
    answers = {name: asked[f"ops-{name}"] for name in wanted}
    return [_context(name, part, answers, is_alone) for name, part in parts.items()]


def _context(name: str, part: Part, answers: selectors.Answers, is_alone: bool) -> dict[str, Any]:
    age = max((time.monotonic() - answers[asked].ended for asked in part.questions if asked in answers), default=0.0)
    context = {
        "name": name,
        "title": part.title,
        "refresh": part.refresh,
        "template": f"ops/parts/{name}.html",
        "as_of": timezone.now() - timedelta(seconds=age),
    }
    if is_alone and part.without_broker:
        return {**context, "problem": part.without_broker}
    try:
        return {**context, "problem": "", **part.build(answers)}
    except selectors.Away as away:
        return {**context, "problem": str(away)}

"""Questions to services, asked side by side, each answered or given up within a time limit."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

Question = Callable[[], Any]


class NoAnswer(Exception):
    """The time was up. The text is for everyone."""


@dataclass(frozen=True)
class Answer:
    """What the question returned, or the error that it raised, after so many seconds; ``ended`` is monotonic."""

    seconds: float
    value: Any = None
    error: Exception | None = None
    ended: float = field(default_factory=time.monotonic)


_lock = threading.Lock()
#: By name: the question that is being asked, or was asked last.
_latest: dict[str, "Future[Answer]"] = {}


def ask(questions: Mapping[str, Question], limit: float, fresh: float = 0) -> dict[str, Answer]:
    """Ask all of them at once and return their answers after ``limit`` seconds at most; NoAnswer where none came.

    By its name, a question that still hangs from an earlier call is waited for, not joined by another: a service
    that is away costs this process one thread, however often it is asked for. An answer serves again for ``fresh``
    seconds, an error too.
    """
    deadline = time.monotonic() + limit
    futures = {name: _start(name, question, fresh) for name, question in questions.items()}
    return {name: _collect(future, deadline, limit) for name, future in futures.items()}


def _start(name: str, question: Question, fresh: float) -> "Future[Answer]":
    with _lock:
        future = _latest.get(name)
        if future is None or (future.done() and time.monotonic() - future.result().ended >= fresh):
            future = _latest[name] = Future()
            # Daemon: a hung service must not keep the process from ending.
            threading.Thread(target=_run, args=(question, future), name=f"ask-{name}", daemon=True).start()
        return future


def _run(question: Question, future: "Future[Answer]") -> None:
    began, value, failure = time.monotonic(), None, None
    try:
        value = question()
    except Exception as error:
        failure = error
    finally:
        connections.close_all()
        future.set_result(Answer(time.monotonic() - began, value, failure))


def _collect(future: "Future[Answer]", deadline: float, limit: float) -> Answer:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except FutureTimeout:
        return Answer(limit, error=NoAnswer(f"no answer within {limit:g} s"))

"""What each part of the page shows, made from the answers of the services; Away where it can't be had."""

import platform
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.bounded import Answer, NoAnswer
from core.database import UNREACHABLE
from core.inprocess import is_in_process
from core.publishing import NotConfirmed
from ops import beat

Answers = dict[str, Answer]
#: Without a publication for so long beat is late: one of its schedules is due each minute.
BEAT_IS_LATE = timedelta(minutes=3)


class Away(Exception):
    """A service that the part needs is away; the text is shown in the part's place."""


def queues(answers: Answers) -> dict[str, Any]:
    """Return the queues with what the workers hold of each, None where that is not known.

    Where the broker can't tell the consumers, they are the workers that serve the queue.
    """
    found = _value(answers["queues"], "The broker can't be reached")
    fleet, held, serving = answers["workers"].value, Counter[str](), Counter[str]()
    for worker in fleet or []:
        held.update(worker["unacknowledged"])
        serving.update(worker["queues"])
    rows = [
        {
            "name": row["name"],
            "ready": row["ready"],
            "consumers": serving[row["name"]] if fleet and row["consumers"] is None else row["consumers"],
            "unacknowledged": held[row["name"]] if fleet else None,
        }
        for row in found["queues"]
    ]
    return {"rows": rows, "unacknowledged": found["unacknowledged"]}


def workers(answers: Answers) -> dict[str, Any]:
    """Return the workers, each running task with its seconds so far."""
    now = timezone.now().timestamp()
    return {
        "rows": [
            {**worker, "running": [{**task, "seconds": _since(task["since"], now)} for task in worker["running"]]}
            for worker in _value(answers["workers"], "The workers can't be asked, for the broker can't be reached")
        ]
    }


def throughput(answers: Answers) -> dict[str, Any]:
    """Return the last hour; see throughput.last_hour."""
    hour: dict[str, Any] = _value(answers["throughput"], "The cache, where tasks are counted, can't be reached")
    return hour


def beat_state(answers: Answers) -> dict[str, Any]:
    """Return the schedules, beat's last tick, and whether it is late."""
    try:
        found = beat.schedules()
    except UNREACHABLE as error:
        raise Away(f"The database, which holds the schedules, can't be reached ({type(error).__name__}).") from error
    tick = answers["tick"].value
    at = datetime.fromtimestamp(tick["at"], UTC) if tick else None
    return {
        **found,
        "tick": {"at": at, "task": tick["task"]} if tick else None,
        "is_late": at is not None and timezone.now() - at > BEAT_IS_LATE,
        "cache_problem": _reason(answers["tick"]),
    }


def versions(answers: Answers) -> dict[str, Any]:
    """Return the release in use and the versions of what it runs on."""
    server = answers.get("server")
    broker = server and (server.value or f"can't be reached ({_reason(server)})")
    return {
        "release": settings.RELEASE_ID,
        "versions": {
            **{name: version(name) for name in ("Django", "Celery", "kombu")},
            "Python": platform.python_version(),
            "Broker": broker or "none: tasks run in this process",
            "Database": connection.display_name,
        },
    }


def is_without_broker() -> bool:
    """Whether tasks run in this process, so that there are no queues, workers or beat to ask for."""
    return is_in_process(current_app)


def _value(answer: Answer, problem: str) -> Any:
    if answer.error is not None:
        raise Away(f"{problem} ({_reason(answer)}).")
    return answer.value


def _reason(answer: Answer) -> str:
    """Return why there is no answer; the kind only, as the text of some errors holds a URL with its password."""
    if answer.error is None:
        return ""
    told = isinstance(answer.error, NoAnswer | NotConfirmed)
    return str(answer.error) if told else type(answer.error).__name__


def _since(moment: float | None, now: float) -> int | None:
    # Not below zero: the clocks of two hosts differ.
    return None if moment is None else max(0, round(now - moment))

"""Celery's workers: how many, for which queues, and how long a task may take."""

from __future__ import annotations

from typing import Any

from .celery_project import Setting
from .environment import Reader

#: Seconds that the messages of one worker may wait unacknowledged, below the brokers' limits.
_HOLD = 3000
_TIME_LIMIT = 300


def time_limit(setting: Setting | None, reader: Reader) -> tuple[int, str]:
    """Return the seconds that a task may take, and why; what a variable would set counts with its default."""
    limit = reader.settled(setting.node) if setting else None
    if isinstance(limit, str) and limit.isdecimal():
        limit = int(limit)
    if not setting or not isinstance(limit, int) or limit <= 0:
        return _TIME_LIMIT, f"no time limit in the settings: {_TIME_LIMIT} s kills longer tasks"
    if limit > _HOLD:
        words = f"{setting.place} allows {limit} s, which each release would have to wait for"
        return _HOLD, f"{words}: {_HOLD} s kills longer tasks"
    return limit, f"the time limit in {setting.place}"


def workers(queues: list[str], limit: int, options: dict[str, str]) -> list[dict[str, Any]]:
    """Return workers that serve all queues, each so few that no message waits longer than brokers allow.

    ``options`` are the project's own ``concurrency`` and ``pool``, where it has any.
    """
    size = max(1, _HOLD // max(limit, 1))
    parts = [queues[start : start + size] for start in range(0, len(queues), size)]
    return [
        {
            "name": "default" if not index else f"default_{index + 1}",
            "queues": part,
            "concurrency": int(options.get("concurrency", 2)),
            "time_limit": limit,
            **({"pool": options["pool"]} if "pool" in options else {}),
        }
        for index, part in enumerate(parts)
    ]

"""Moments, as people give them and as they are shown."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from .running import Failed

LATEST = "latest"


def moment(text: str, now: float) -> float | None:
    """Return a moment such as ``2026-11-30 12:00:00`` (UTC, or with its zone) in seconds since 1970; None for latest.

    Failed for what is no moment, or not over yet.
    """
    if text == LATEST:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise Failed(f"'{text}' is no moment: say 2026-11-30 12:00:00 (UTC), or latest") from None
    at = (given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp()
    if at > now:
        raise Failed(f"{text} is not over yet")
    return at


def stamp() -> str:
    """Return the time as it stands in the names of what is put aside."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime())


def shown(at: float) -> str:
    """Return a moment as PostgreSQL, pgBackRest and people read it: ``2026-11-30 12:00:00+00``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".") + "+00"

"""What a client may send to the ledger. Every function raises BadInput."""

import math
import re
from dataclasses import dataclass
from typing import Any

from config.queues import DEFAULT_QUEUE, QUEUES
from core.http import BadInput

MAX_SECONDS = 600
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,100}")


@dataclass(frozen=True)
class Request:
    """A request for an entry."""

    key: str
    seconds: float
    queue: str


def parse_request(fields: dict[str, Any]) -> Request:
    """Return the request made by a form or JSON: ``key``, optional ``seconds`` (0 to 600) and ``queue``."""
    key = fields.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise BadInput("key must be 1 to 100 characters of A-Z a-z 0-9 . _ : -")
    queue = fields.get("queue", DEFAULT_QUEUE)
    if queue not in QUEUES:
        raise BadInput(f"queue must be one of {', '.join(QUEUES)}")
    return Request(key=key, seconds=_parse_seconds(fields.get("seconds", 0)), queue=queue)


def parse_prefix(prefix: str) -> str:
    """Return the prefix of keys to count; the empty one means all."""
    if prefix and not _KEY.fullmatch(prefix):
        raise BadInput("prefix must be at most 100 characters of A-Z a-z 0-9 . _ : -")
    return prefix


def _parse_seconds(value: Any) -> float:
    problem = BadInput(f"seconds must be a number from 0 to {MAX_SECONDS}")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem
    try:
        seconds = float(value)
    except (ValueError, OverflowError) as error:
        raise problem from error
    # A NaN compares false with everything, so it is refused too.
    if not (math.isfinite(seconds) and 0 <= seconds <= MAX_SECONDS):
        raise problem
    return seconds

"""When a line of a log was written, as the programs of the stack and most others say it. Runs on a host."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

#: Beyond these characters no program writes its time.
HEAD = 600
_CLOCK = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_DATE = r"(?P<Y>\d{4})[-/](?P<M>\d\d)[-/](?P<D>\d\d)"
_ZONE = r"(?P<zone> ?[+-]\d\d:?\d\d| ?(?:UTC|GMT)\b|Z)?"
#: nginx, PostgreSQL, RabbitMQ, supervisord, gunicorn, Celery, Python's logging, ISO 8601 in JSON: year first.
_USUAL = re.compile(rf"{_DATE}[T ]{_CLOCK}{_ZONE}")
#: Redis: 812:M 30 Nov 2026 11:02:03.456 * …
_REDIS = re.compile(rf"^\d+:[A-Z] (?P<D>\d\d) (?P<month>[A-Z][a-z]{{2}}) (?P<Y>\d{{4}}) {_CLOCK}(?P<zone>)")
#: The common log format: [30/Nov/2026:11:02:03 +0000]
_COMMON = re.compile(rf"\[(?P<D>\d\d)/(?P<month>[A-Z][a-z]{{2}})/(?P<Y>\d{{4}}):{_CLOCK}(?P<zone> [+-]\d{{4}})")
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: index for index, name in enumerate(_NAMES, 1)}


def moment(line: str) -> float | None:
    """Return the seconds since 1970 of the first time in a line, or None; one without a zone is the host's own."""
    head = line[:HEAD]
    match = _USUAL.search(head) or _REDIS.match(head) or _COMMON.search(head)
    if match is None:
        return None
    part = match.groupdict()
    month = _MONTHS.get(part["month"], 0) if part.get("month") else int(part["M"])
    try:
        time = datetime(int(part["Y"]), month, int(part["D"]), int(part["h"]), int(part["m"]), int(part["s"]))
        time += timedelta(seconds=float(f"0.{part['f'] or 0}"))
        return (time.replace(tzinfo=_zone(part["zone"])) if part["zone"] else time.astimezone()).timestamp()
    except (ValueError, OverflowError):
        return None


def _zone(words: str) -> timezone:
    text = words.strip()
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))

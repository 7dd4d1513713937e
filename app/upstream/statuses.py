"""What a status code and its headers mean for whoever asked."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

from upstream.errors import PermanentError, TemporaryError

#: Seconds, where a rate limit is not followed by a moment.
DEFAULT_PAUSE = 60
_NUMBER = re.compile(r"\d{1,12}")
_WORTH_REPEATING = frozenset({408, 425})


def check(response: httpx.Response, now: float) -> None:
    """Return where the status is a success; else raise. ``now``: seconds since 1970."""
    if response.is_success:
        return
    host, status = response.url.host, response.status_code
    pause = seconds_until_allowed(response.headers, now)
    if status == 429 or (status == 403 and pause is not None):
        raise TemporaryError(f"{host} allows no more requests for now.", DEFAULT_PAUSE if pause is None else pause)
    words = f"{host} answered {status} ({response.reason_phrase or 'without a reason'})."
    if status in _WORTH_REPEATING or status >= 500:
        raise TemporaryError(words, pause)
    raise PermanentError(words)


def seconds_until_allowed(headers: httpx.Headers, now: float) -> float | None:
    """Return the pause that the answer asks for, in seconds from now, or None where it names no moment.

    Retry-After is a number of seconds or a date; X-RateLimit-Reset counts since 1970, and stands in answers
    that were not limited as well: there it counts only where nothing remains.
    """
    retry_after = headers.get("Retry-After", "").strip()
    if _NUMBER.fullmatch(retry_after):
        return float(retry_after)
    if retry_after and (moment := _date(retry_after)) is not None:
        return max(0.0, moment - now)
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if headers.get("X-RateLimit-Remaining", "0").strip() == "0" and _NUMBER.fullmatch(reset):
        return max(0.0, float(reset) - now)
    return None


def _date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

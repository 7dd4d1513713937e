"""What ended in which minute: a few integers in the cache for each minute of the last two hours."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

#: done and failed count runs; run_ms and wait_ms are sums; waited counts the runs whose waiting time is known.
FIELDS = ("done", "failed", "run_ms", "wait_ms", "waited")
_KEPT = 2 * 3600


@dataclass(frozen=True)
class Minute:
    """The sums of one minute; ``number`` counts minutes since 1970."""

    number: int
    done: int = 0
    failed: int = 0
    run_ms: int = 0
    wait_ms: int = 0
    waited: int = 0


def add(minute: int, amounts: Iterable[int]) -> None:
    """Add to the sums of a minute, given in the order of FIELDS. Raises what the cache raises where it is away."""
    for field, amount in zip(FIELDS, amounts, strict=True):
        if amount:
            key = _key(minute, field)
            cache.add(key, 0, timeout=_KEPT)
            cache.incr(key, amount)


def minutes(first: int, count: int) -> list[Minute]:
    """Return ``count`` minutes from the first on, empty ones too, in one round trip. Raises what the cache raises."""
    numbers = range(first, first + count)
    found = cache.get_many([_key(number, field) for number in numbers for field in FIELDS])
    return [Minute(n, **{field: found.get(_key(n, field), 0) for field in FIELDS}) for n in numbers]


def _key(minute: int, field: str) -> str:
    return f"ops:{minute}:{field}"

"""When to ask again."""

import random

from upstream.errors import TemporaryError

#: Seconds before the first repetition; each further one waits twice as long, up to LONGEST.
FIRST, LONGEST = 5, 900


def delay(error: TemporaryError, retries: int) -> float:
    """Return the seconds to wait after ``retries`` repetitions that failed.

    Jitter keeps many tasks that failed together from coming back together. A moment that the upstream named is
    kept, up to LONGEST: whoever names a later one is asked again, and names it again.
    """
    backoff = min(FIRST * 2**retries, LONGEST)
    if error.retry_after is None:
        return random.uniform(backoff / 2, backoff)
    return min(error.retry_after, LONGEST) + random.uniform(1, FIRST)

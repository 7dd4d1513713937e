"""Says how far a long step is, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

#: Seconds between two lines.
PAUSE = 4.0


class Progress:
    """Counts steps of many threads; ``say`` is called with words such as `wheels: 120 of 310`."""

    def __init__(self, say: Callable[[str], None], what: str, total: int) -> None:
        self._say, self._what, self._total = say, what, total
        self._done, self._lock, self._said = 0, Lock(), time.monotonic()

    def step(self) -> None:
        """Count one more; say so where nothing was said for a while."""
        with self._lock:
            self._done += 1
            if time.monotonic() - self._said >= PAUSE:
                self._said = time.monotonic()
                self._say(f"{self._what}: {self._done} of {self._total}")

"""Waiting for what comes by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(read: Callable[[], Any], done: Callable[[Any], bool], seconds: float) -> Any:
    """Read until done and return the last reading; fail when time is up."""
    deadline = time.monotonic() + seconds
    while not done(reading := read()):
        assert time.monotonic() < deadline, f"not within {seconds} s; last reading: {reading!r}"
        time.sleep(0.2)
    return reading

"""What is being done, and how long so far."""

from __future__ import annotations

import time

BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print what is being done, with the seconds since the beginning."""
    print(f"[{time.monotonic() - BEGAN:5.1f} s] {text}", flush=True)

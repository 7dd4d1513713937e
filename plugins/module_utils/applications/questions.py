"""Lines that somebody has yet to fill in: `make new-app` leaves them, preflight refuses them."""

from __future__ import annotations

import re
from typing import Any

_QUESTION = re.compile(r"<fill in: (.+)>", re.DOTALL)


def question(words: str) -> str:
    """Return a value that preflight refuses, showing these words as the remedy."""
    return f"<fill in: {words}>"


def asked(value: Any) -> str | None:
    """Return the words of a line that was left to be filled in; None for a value."""
    found = _QUESTION.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None

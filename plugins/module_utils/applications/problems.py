"""A problem as preflight shows it: variable, value, remedy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

Problem = dict[str, str]
SECRET_NAME = re.compile(r"secret|passw|token|credential|private|api_?key|dsn", re.IGNORECASE)
_PRIVATE_KEY = "PRIVATE KEY"
_SHOWN_LENGTH = 80


@dataclass(frozen=True)
class Unresolved:
    """Stands for a value whose template could not be rendered; `reason` names variables, never values."""

    reason: str


def problem(variable: str, value: Any, remedy: str) -> Problem:
    """Return a problem; the value is shown short, and not at all where the variable's name says that it is secret."""
    return {"variable": variable, "value": shown(variable, value), "remedy": remedy}


def shown(variable: str, value: Any) -> str:
    """Return a value for display (at most 80 characters); of a secret only its kind or length."""
    if isinstance(value, Unresolved):
        return "(undefined)"
    if value is None:
        return "(missing)"
    if SECRET_NAME.search(variable) or _PRIVATE_KEY in str(value):
        return f"({len(value)} characters)" if isinstance(value, str) else "(hidden)"
    if isinstance(value, dict):
        # A mapping may hold secrets further down.
        return f"(a mapping of {', '.join(map(str, value)) or 'nothing'})"
    text = (value or "''") if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 3]}..."

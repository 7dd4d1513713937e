"""Variables that tell by their names what they stand for, wherever a project hands them on."""

from __future__ import annotations

import re

from .environment import Variable

_CELERY = {
    "broker.url": re.compile(r"([A-Z0-9]+_)+CELERY_BROKER(_URL)?"),
    "results.url": re.compile(r"([A-Z0-9]+_)+CELERY_(RESULTS?_)?BACKEND(_URL)?"),
}
_LOCAL = ("http://localhost", "http://127.0.0.1", "http://0.0.0.0")


def fact(variable: Variable, celery: bool) -> str:
    """Return what a variable stands for, as templates name it; empty for others."""
    default = variable.default if isinstance(variable.default, str) else ""
    # Elsewhere it is a directory.
    if variable.name.endswith("SITE_ROOT") and default.startswith(_LOCAL):
        return "site.url"
    return next((known for known, name in _CELERY.items() if celery and name.fullmatch(variable.name)), "")

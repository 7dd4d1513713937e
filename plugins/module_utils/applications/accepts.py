"""Findings of `make doctor` that an application means as they are."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

# The package alone: it is half loaded where it was the one to ask for this package.
from .. import doctor
from .problems import Problem, problem


def accept_problems(app: dict[str, Any]) -> list[Problem]:
    """Return the names in app_doctor_accepts that no finding bears, with the nearest that one does."""
    known = doctor.settings()
    found = []
    for name in app["doctor_accepts"]:
        if name not in known:
            near = get_close_matches(str(name), known, 1, 0.6)
            remedy = f"did you mean {near[0]}?" if near else "no setting that `make doctor` names: see docs/doctor.md"
            found.append(problem("app_doctor_accepts", name, remedy))
    return found

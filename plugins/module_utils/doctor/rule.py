"""What a rule is: a setting, what it can lose, and a judge that tells where that is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from .case import Case

#: What everyday events lose (a restart, a kill), what rarer ones lose, repeat or hang, what only costs.
LOSES, RISKS, ADVISES = SEVERITIES = ("loses", "risks", "advises")

CELERY = "https://docs.celeryq.dev/en/stable/userguide/"
DJANGO = "https://docs.djangoproject.com/en/stable/ref/"
GUNICORN = "https://docs.gunicorn.org/en/stable/"

#: Returns the setting's value in words and a snippet of what to write instead, or None where it is right.
Judge = Callable[[Case], "tuple[str, str] | None"]


@dataclass(frozen=True)
class Rule:
    """All but the judge are texts for people; ``setting`` is unique, ``source`` explains it further."""

    setting: str
    severity: str
    lost: str
    when: str
    instead: str
    source: str
    judge: Judge

    def finding(self, case: Case) -> dict[str, Any] | None:
        """Return setting, value, severity, lost, when, instead, snippet and source; None where the setting is right."""
        found = self.judge(case)
        if found is None:
            return None
        texts = asdict(self)
        del texts["judge"]
        return texts | {"value": found[0], "snippet": found[1]}


def rule(setting: str, severity: str, *, lost: str, when: str, instead: str, source: str) -> Callable[[Judge], Rule]:
    """Return a decorator that makes a rule of its judge."""
    return lambda judge: Rule(setting, severity, lost, when, instead, source, judge)

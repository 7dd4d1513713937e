"""What a fault is, and what must hold while and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drills.host import Host


@dataclass(frozen=True)
class Limits:
    """What must hold; times are seconds. None: not looked at. No task may be lost, in any of them."""

    #: Keys whose task completed more than once.
    duplicated: int = 0
    #: From the fault's end until entries are accepted again, for good.
    accepted_after: float | None = 30
    #: From the fault's end until as little is outstanding as before it.
    caught_up_after: float | None = 60
    #: The slowest answers while the fault lasts.
    slowest_get: float | None = None
    slowest_post: float | None = None
    #: Whether requests may fail (be refused, or not be answered) at all.
    refusals: bool = True


@dataclass(frozen=True)
class Fault:
    """One fault. ``inject`` returns once it is there, ``heal`` once its cause is gone; ``hold`` seconds lie between.

    ``check`` returns what else does not hold, in words, after everything is done again; ``load`` are values of the
    load's plan that differ from usual.
    """

    name: str
    title: str
    inject: Callable[[Host], None]
    heal: Callable[[Host], None] = lambda host: None
    hold: float = 0
    limits: Limits = field(default_factory=Limits)
    check: Callable[[Host], list[str]] = lambda host: []
    load: Mapping[str, Any] = field(default_factory=dict)

"""What a fault is, and what must hold while and after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drills.stack import Stack


@dataclass(frozen=True)
class Limits:
    """What must hold; times are seconds. None: not looked at. No task may be lost, in any of them."""

    #: Keys whose task completed more than once.
    duplicated: int = 0
    #: From the fault's end until entries are accepted again, for good.
    accepted_after: float | None = 15
    #: From the fault's end until the first task is completed.
    completed_after: float | None = None
    #: From the fault's end until as little is outstanding as before it.
    caught_up_after: float | None = 60
    #: The slowest answers while the fault lasts.
    slowest_get: float | None = None
    slowest_post: float | None = None
    #: Whether requests may fail (be refused, or not be answered) at all.
    refusals: bool = True


class Fault:
    """One fault. Each method is called once, in their order, with the load running until after ``settled``."""

    #: For the report: what happens.
    title: str
    #: Seconds between ``inject`` and ``heal``.
    hold: float = 0
    limits: Limits = Limits()
    #: The queue that the load is for.
    queue: str = "default"
    #: Seconds from its end until work of its own went on again; set while it is checked.
    own_after: float = 0
    #: How many hosts of which group it needs.
    needs: dict[str, int] = {}
    #: Whether it happens to any environment; one that needs nothing and is not so is for services of one host each.
    anywhere: bool = False
    #: Whether it is short enough for `make test`.
    short: bool = False

    @property
    def name(self) -> str:
        """The name it is called by: its class's, in small letters with hyphens."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    def fits(self, stack: Stack) -> bool:
        """Return whether the stack has hosts enough, and not more than what it is written for."""
        several = any(len(stack.all(group)) > 1 for group in ("postgres", "rabbitmq", "redis"))
        if several and not (self.needs or self.anywhere):
            return False
        return all(len(stack.all(group)) >= count for group, count in self.needs.items())

    def prepare(self, stack: Stack) -> None:
        """Do what must have been done before."""

    def inject(self, stack: Stack) -> None:
        """Return once the fault is there."""
        raise NotImplementedError

    def heal(self, stack: Stack) -> None:
        """Take the fault's cause away; nothing else is helped. The fault's end is when this is called."""

    def due(self, stack: Stack) -> None:
        """Do what its time has come for; called each second, recovered or not."""

    def settled(self, stack: Stack) -> bool:
        """Return whether what the fault itself has begun is over; asked again and again."""
        return True

    def deleted(self, stack: Stack, prefix: str) -> int:
        """Return how many messages of the load, whose keys begin so, the fault itself has deleted."""
        return 0

    def check(self, stack: Stack) -> list[str]:
        """Return what else does not hold, in words, when everything is done again; clear away what it has left."""
        return []

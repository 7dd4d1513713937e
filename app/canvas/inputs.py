"""What a client may send for a canvas. Every ``parse`` raises BadInput."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from core.http import BadInput

#: Seconds that a run may lie ahead; well below the time for which results are kept.
MAX_DELAY = 3600
_NAME = re.compile(r"[\w .'-]{1,50}")


@dataclass(frozen=True)
class Integer:
    """A whole number; from a form's text or a JSON number."""

    name: str
    label: str
    initial: int
    low: int = -1_000_000
    high: int = 1_000_000
    input_type: ClassVar[str] = "number"

    def parse(self, value: Any) -> int:
        """Return the number."""
        # bool is an int to Python, and True is no number.
        if isinstance(value, str | int) and not isinstance(value, bool) and re.fullmatch(r"-?[0-9]{1,9}", str(value)):
            number = int(value)
            if self.low <= number <= self.high:
                return number
        raise BadInput(f"{self.name} must be a whole number from {self.low} to {self.high}")


@dataclass(frozen=True)
class Name:
    """A short name."""

    name: str
    label: str
    initial: str
    input_type: ClassVar[str] = "text"

    def parse(self, value: Any) -> str:
        """Return the name without blanks around it."""
        if isinstance(value, str) and _NAME.fullmatch(value.strip()):
            return value.strip()
        raise BadInput(f"{self.name} must be 1 to 50 letters, digits, blanks or any of _ . ' -")


@dataclass(frozen=True)
class Moment:
    """A moment at most an hour ahead, in ISO 8601; UTC where it says nothing else."""

    name: str
    label: str
    input_type: ClassVar[str] = "datetime-local"

    @property
    def initial(self) -> str:
        """Ten seconds from now, as a browser's field takes it."""
        return f"{timezone.now() + timedelta(seconds=10):%Y-%m-%dT%H:%M:%S}"

    def parse(self, value: Any) -> datetime:
        """Return the moment in UTC; one that is past begins at once."""
        try:
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as problem:
            raise BadInput(f"{self.name} must be a moment like {self.initial}") from problem
        if moment > timezone.now() + timedelta(seconds=MAX_DELAY):
            raise BadInput(f"{self.name} must be at most an hour ahead")
        return moment


Parameter = Integer | Name | Moment


def parse_values(parameters: tuple[Parameter, ...], fields: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters' values by name; what the client left out has its initial value."""
    return {p.name: p.parse(fields.get(p.name, p.initial)) for p in parameters}

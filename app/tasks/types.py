"""The types of tasks that can be started."""

from typing import Any

from core.http import BadInput

#: Type 0 returns at once, for probes and scripts.
TASK_TYPES = (0, 1, 2, 3)
SECONDS_PER_TYPE = 10


def parse_type(value: Any) -> int:
    """Return the task type meant by a form's text or a JSON number. Raises BadInput."""
    by_text = {str(task_type): task_type for task_type in TASK_TYPES}
    # bool is an int to Python, and True is no type.
    if isinstance(value, str | int) and not isinstance(value, bool) and str(value) in by_text:
        return by_text[str(value)]
    raise BadInput("type must be 1, 2 or 3")

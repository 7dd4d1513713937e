"""The kinds of canvas that can be run, in the order of the page: one entry for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import Signature

from canvas import canvases, tasks
from canvas.inputs import MAX_DELAY, Integer, Moment, Name, Parameter, parse_values
from core.http import BadInput


@dataclass(frozen=True)
class Kind:
    """A kind of canvas: ``make`` returns its signature from the parameters' values."""

    name: str
    section: str
    title: str
    says: str
    code: str
    make: Callable[..., Signature]
    parameters: tuple[Parameter, ...] = ()


_X, _Y = Integer("x", "x", 1), Integer("y", "y", 1)
_COUNTDOWN = Integer("countdown", "Countdown in seconds", 5, 0, MAX_DELAY)
_EXPIRES = Integer("expires", "Expires after seconds", 10, 1, MAX_DELAY)
_HEADER = Integer("count", "How many", 10, 2, 20)

_ONE, _WHEN, _FLOW, _TROUBLE, _DATA = "One task", "When it runs", "Several tasks", "When it goes wrong", "On data"

_KINDS = (
    Kind("add", _ONE, "Delay", "The plainest call.", "add.delay(x, y)", tasks.add.s, (_X, _Y)),
    Kind(
        "sum_two_numbers",
        _ONE,
        "Sum two numbers",
        "The same by name instead of by place.",
        "sum_two_numbers.delay(first=1, second=2)",
        tasks.sum_two_numbers.s,
        (Integer("first", "First", 1), Integer("second", "Second", 2)),
    ),
    Kind(
        "divide",
        _ONE,
        "Divide",
        "Works five seconds, so that one sees it start. By zero it fails.",
        "divide.delay(x, y)",
        tasks.divide.s,
        (Integer("x", "x", 10), Integer("y", "y", 4)),
    ),
    Kind(
        "debug_task",
        _ONE,
        "Debug task",
        "Returns its own request; the worker logs all of it.",
        "debug_task.delay()",
        tasks.debug_task.s,
    ),
    Kind(
        "countdown",
        _WHEN,
        "Countdown",
        "Waits on the broker, not in a worker.",
        "add.apply_async((x, y), countdown=5)",
        canvases.countdown_demo,
        (_X, _Y, _COUNTDOWN),
    ),
    Kind(
        "eta",
        _WHEN,
        "ETA",
        "Begins at a moment.",
        "add.apply_async((x, y), eta=moment)",
        canvases.eta_demo,
        (_X, _Y, Moment("eta", "Moment, UTC")),
    ),
    Kind(
        "expires",
        _WHEN,
        "Expires",
        "Ends revoked if no worker has begun it in time. With a longer countdown none can.",
        "add.apply_async((x, y), expires=10, countdown=12)",
        canvases.expires_demo,
        (_X, _Y, _EXPIRES, Integer("countdown", "Countdown in seconds", 12, 0, MAX_DELAY)),
    ),
    Kind(
        "rate_limit",
        _WHEN,
        "Rate limit",
        "Ten a minute on each worker: the first runs at once, the others take turns.",
        "group(take_turn.s(i) for i in range(3))()",
        canvases.rate_limit_demo,
        (Integer("count", "How many", 3, 2, 10),),
    ),
    Kind(
        "chain_demo",
        _FLOW,
        "Chain",
        "Each task works on the result of the one before.",
        "chain(add.s(x, y), mul.s(10), save.s())()",
        canvases.chain_demo,
        (_X, _Y),
    ),
    Kind(
        "group",
        _FLOW,
        "Group",
        "Side by side, in no order.",
        "group(add.s(i, i) for i in range(10))()",
        canvases.group_demo,
        (_HEADER,),
    ),
    Kind(
        "chord",
        _FLOW,
        "Chord",
        "A group, and a task that gets all its results.",
        "chord(add.s(i, i) for i in range(10))(xsum.s())",
        canvases.chord_demo,
        (_HEADER,),
    ),
    Kind(
        "fan",
        _FLOW,
        "Chain with a group in it",
        "The group becomes the header of a chord.",
        "(add.s(x, y) | group(mul.s(2), mul.s(3), mul.s(4)) | xsum.s() | save.s())()",
        canvases.fan_demo,
        (_X, _Y),
    ),
    Kind(
        "link",
        _FLOW,
        "Link",
        "A callback that gets the result.",
        "add.apply_async((x, y), link=add.s(z))",
        canvases.link_demo,
        (_X, _Y, Integer("z", "z", 8)),
    ),
    Kind(
        "link_error",
        _TROUBLE,
        "Link error",
        "One callback for success, another for failure: exactly one of them runs.",
        "divide.apply_async((x, 0), link=mul.s(10), link_error=report_failure.s())",
        canvases.link_error_demo,
        (Integer("x", "x", 1), Integer("y", "y", 0)),
    ),
    Kind(
        "retry",
        _TROUBLE,
        "Retry",
        "Tried again after 1, 2 and 4 seconds, then given up: more than three failures are one.",
        "fail_first.delay(failures)  # autoretry_for, retry_backoff=1, max_retries=3",
        canvases.retry_demo,
        (Integer("failures", "Failures", 2, 0, 5),),
    ),
    Kind(
        "chain_failure",
        _TROUBLE,
        "Failing chain",
        "What stands behind a failed task never runs.",
        "chain(divide.s(x, 0), mul.s(10), save.s())()",
        canvases.chain_failure_demo,
        (_X,),
    ),
    Kind(
        "group_failure",
        _TROUBLE,
        "Failing group",
        "One fails, the others keep their results.",
        "group(divide.s(x, i) for i in range(3))()",
        canvases.group_failure_demo,
        (Integer("x", "x", 6), Integer("count", "How many", 3, 2, 4)),
    ),
    Kind(
        "chord_failure",
        _TROUBLE,
        "Failing chord",
        "One failure in the header fails the body, and calls the body's error callback.",
        "chord([divide.s(x, 1), divide.s(x, 0)])(xsum.s().on_error(report_failure.s()))",
        canvases.chord_failure_demo,
        (_X,),
    ),
    Kind(
        "count_widgets",
        _DATA,
        "Count widgets",
        "Asks the database.",
        "count_widgets.delay()",
        tasks.count_widgets.s,
    ),
    Kind(
        "rename_widget",
        _DATA,
        "Rename a widget",
        "Changes the database; a number without a widget is a failure.",
        "rename_widget.delay(widget_id, name)",
        tasks.rename_widget.s,
        (Integer("widget_id", "Widget's number", 1, 1), Name("name", "New name", "Secateurs")),
    ),
)
KINDS = {kind.name: kind for kind in _KINDS}


def parse(fields: dict[str, Any]) -> tuple[Kind, dict[str, Any]]:
    """Return the kind that the client names in ``kind``, and its parameters' values. Raises BadInput."""
    name = fields.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadInput(f"kind must be one of {', '.join(KINDS)}")
    return kind, parse_values(kind.parameters, fields)

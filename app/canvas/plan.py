"""From a signature to its nodes: what will run is known, with its ids, before anything is sent."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from celery import Signature, current_app
from celery.utils.functional import maybe_list

from canvas.models import CALL_LENGTH, Node, Role, Run

# A Signature, whose stubs know nothing of a group's tasks and a chord's body.
Canvas = Any


@dataclass
class Plan:
    """A signature whose tasks have their ids, and the unsaved nodes of its run, parents first."""

    signature: Signature
    run: Run
    nodes: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    """Where in the tree a signature comes to stand."""

    role: Role = Role.FIRST
    parent: Node | None = None
    #: Whether it is given something by what ran before.
    receives: bool = False


def plan(kind: str, signature: Signature, now: datetime) -> Plan:
    """Give each task and group of the signature its id, in place, and list them as nodes of a new run."""
    planned = Plan(signature, Run(kind=kind))
    last = _walk(signature, _Place(), planned, now)
    planned.run.id = last.id
    for position, node in enumerate(planned.nodes):
        node.run_id, node.position = planned.run.id, position
    return planned


def _walk(signature: Canvas, place: _Place, planned: Plan, now: datetime) -> Node:
    """Add the signature's nodes; return the one with its result."""
    kind = signature.subtask_type
    if kind == "chain":
        node: Any = None
        for step in signature.tasks:
            node = _walk(step, place, planned, now)
            place = _Place(Role.NEXT, node, receives=True)
        return node
    if kind == "chord":
        # The header's id is kept with the chord; the body has its own.
        header = _group(signature, place, planned, now)
        return _walk(signature.body, _Place(Role.BODY, header, receives=True), planned, now)
    if kind == "group":
        return _group(signature, place, planned, now)
    return _task(signature, place, planned, now)


def _group(signature: Canvas, place: _Place, planned: Plan, now: datetime) -> Node:
    # A generator would make other signatures for the one who sends them.
    signature.tasks = list(signature.tasks)
    node = _add(planned, place, signature, call=f"group of {len(signature.tasks)}")
    for member in signature.tasks:
        _walk(member, _Place(Role.MEMBER, node, place.receives), planned, now)
    return node


def _task(signature: Canvas, place: _Place, planned: Plan, now: datetime) -> Node:
    options = signature.options
    node = _add(planned, place, signature, task=signature.task, call=_call(signature, place.receives))
    node.waits_for = _waits_for(signature, now)
    if expires := options.get("expires"):
        node.expires_at, node.awaits_expiry = now + timedelta(seconds=expires), True
    for option, role in (("link", Role.LINK), ("link_error", Role.LINK_ERROR)):
        for callback in maybe_list(options.get(option)) or ():
            _walk(callback, _Place(role, node, receives=True), planned, now)
    return node


def _add(planned: Plan, place: _Place, signature: Signature, **fields: Any) -> Node:
    node = Node(id=uuid4(), role=place.role, parent=place.parent, **fields)
    signature.set(task_id=str(node.id))
    planned.nodes.append(node)
    return node


def _call(signature: Canvas, receives: bool) -> str:
    """Return the call as one reads it, ``mul(…, 10)``; … stands for what ran before."""
    arguments = [repr(argument) for argument in signature.args]
    arguments += [f"{name}={value!r}" for name, value in signature.kwargs.items()]
    if receives and not signature.immutable:
        arguments.insert(0, "…")
    text = f"{signature.task.rpartition('.')[2]}({', '.join(arguments)})"
    return text if len(text) <= CALL_LENGTH else f"{text[: CALL_LENGTH - 1]}…"


def _waits_for(signature: Canvas, now: datetime) -> str:
    begins = signature.options.get("eta")
    if countdown := signature.options.get("countdown"):
        begins = now + timedelta(seconds=math.ceil(countdown))
    if begins:
        return f"begins at {begins:%H:%M:%S} UTC"
    if limit := getattr(current_app.tasks.get(signature.task), "rate_limit", None):
        return f"takes its turn, at most {limit} on each worker"
    return ""

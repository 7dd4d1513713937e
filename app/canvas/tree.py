"""From nodes and states to the tree that is shown. Pure: no database, no backend, no clock."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from celery import states

from canvas.models import Node, Role
from core.results import State

#: Of a task that never runs: what it waited for ended otherwise.
SKIPPED = "SKIPPED"
ENDED = frozenset({states.SUCCESS, states.FAILURE, states.REVOKED, SKIPPED})

_PENDING = State(states.PENDING)
# After which end of its parent a node never runs. A chord's failing body is told so by the backend itself.
_SKIPPED_AFTER = {
    Role.NEXT: {states.FAILURE, states.REVOKED, SKIPPED},
    Role.LINK: {states.FAILURE, states.REVOKED, SKIPPED},
    Role.LINK_ERROR: {states.SUCCESS, states.REVOKED, SKIPPED},
    Role.MEMBER: {SKIPPED},
    Role.BODY: {SKIPPED},
}
_WHEN = {
    Role.NEXT: "then, with its result",
    Role.BODY: "then, with all results",
    Role.LINK: "on success, with its result",
    Role.LINK_ERROR: "on failure, with its id",
}

View = dict[str, Any]


def build(nodes: Iterable[Node], known: dict[str, State]) -> list[View]:
    """Return the roots' views, each ``{task_id, task, call, role, when, status, result, note, children}``.

    ``nodes`` in the order of their position, ``known`` as of ``core.results.read_states``. A group has no state of
    its own: it is PENDING, STARTED, or ended as its members did (SUCCESS only where all of them succeeded).
    """
    children: dict[Any, list[Node]] = defaultdict(list)
    for node in nodes:
        children[node.parent_id].append(node)

    def view(node: Node, before: str) -> View:
        skipped = before in _SKIPPED_AFTER.get(Role(node.role), ())
        if node.task:
            # A failed task's state is also written to those chained behind it, though they never ran.
            state = State(SKIPPED) if skipped else known.get(str(node.id), _PENDING)
            below = [view(child, state.status) for child in children[node.id]]
            return _view(node, state, _note(node, state.status), below)
        return group(node, SKIPPED if skipped else states.PENDING)

    def group(node: Node, before: str) -> View:
        mine = children[node.id]
        below = [view(child, before) for child in mine if child.role == Role.MEMBER]
        status = combined([member["status"] for member in below])
        done = sum(member["status"] == states.SUCCESS for member in below)
        note = "" if status == SKIPPED else f"{done} of {len(below)} succeeded"
        below += [view(child, status) for child in mine if child.role != Role.MEMBER]
        return _view(node, State(status), note, below)

    return [view(root, states.PENDING) for root in children[None]]


def combined(statuses: list[str]) -> str:
    """Return one status for several: PENDING until one has begun, STARTED until all have ended, then how they did."""
    kinds = set(statuses)
    if not kinds <= ENDED:
        return states.PENDING if kinds == {states.PENDING} else states.STARTED
    for status in (states.FAILURE, states.REVOKED, states.SUCCESS):
        if status in kinds:
            return status
    return SKIPPED


def flat(views: list[View]) -> list[View]:
    """Return the views of tasks (not groups) at any depth."""
    found = []
    for view in views:
        found += [view] if view["task"] else []
        found += flat(view["children"])
    return found


def _view(node: Node, state: State, note: str, below: list[View]) -> View:
    return {
        "task_id": str(node.id),
        "task": node.task,
        "call": node.call,
        "role": node.role,
        "when": _WHEN.get(Role(node.role), ""),
        "status": state.status,
        "result": state.result,
        "note": note,
        "children": below,
    }


def _note(node: Node, status: str) -> str:
    if status == states.PENDING:
        return node.waits_for
    if status == states.RETRY:
        return "will be tried again"
    if status == states.REVOKED and node.expires_at:
        return f"expired at {node.expires_at:%H:%M:%S} UTC, before a worker began it"
    return "never runs" if status == SKIPPED else ""

"""What worker nodes consume and hold, and how they are told to stop and start consuming."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from cloche_agent.control import Control

# Seconds between looks at something that changes within milliseconds, and until a command is repeated.
_LOOK, _TURN = 0.1, 2.0


def consumed(control: Control, nodes: Iterable[str], timeout: float) -> dict[str, list[str]]:
    """Return the queues that each node consumes, by name; of the nodes that answered."""
    return {node: _names(queues) for node, queues in control.ask("active_queues", nodes, timeout).items()}


def stop(control: Control, held: dict[str, list[str]], timeout: float) -> dict[str, list[str]]:
    """Take all queues from nodes that consume ``{node: [queue]}``; return what each still consumes."""
    return _change(control, "cancel_consumer", held, lambda queues: queues, timeout)


def start(control: Control, held: dict[str, list[str]], wanted: list[str], timeout: float) -> dict[str, list[str]]:
    """Let nodes that consume ``{node: [queue]}`` consume the wanted queues as well; return what each consumes then."""

    def lacking(queues: list[str]) -> list[str]:
        return [name for name in wanted if name not in queues]

    return _change(control, "add_consumer", held, lacking, timeout)


def _change(
    control: Control,
    command: str,
    held: dict[str, list[str]],
    remaining: Callable[[list[str]], list[str]],
    timeout: float,
) -> dict[str, list[str]]:
    """Send the command for each queue that remains to be changed, until none does; return what nodes consume then.

    Its answer only says that it will be done, so nobody waits for that: all go out at once, and again after a while.
    What is delivered until a cancellation is done is reserved by then.
    """
    deadline, held = time.monotonic() + timeout, dict(held)
    while (left := deadline - time.monotonic()) > 0:
        todo = {node: names for node, queues in held.items() if (names := remaining(queues))}
        if not todo:
            break
        for name in sorted({name for names in todo.values() for name in names}):
            control.tell(command, [node for node, names in todo.items() if name in names], queue=name)
        answers = control.ask(
            "active_queues",
            todo,
            min(_TURN, left),
            enough=lambda queues: not remaining(_names(queues)),
            every=_LOOK,
        )
        held |= {node: _names(queues) for node, queues in answers.items()}
    return held


def _names(queues: list[dict[str, Any]]) -> list[str]:
    return sorted(queue["name"] for queue in queues)


def empty(control: Control, nodes: Iterable[str], timeout: float) -> dict[str, int]:
    """Wait until the nodes have begun all they had reserved; return how many tasks each still has reserved.

    A node that stops answering proves nothing, and is asked to the end.
    """
    answers = control.ask("reserved", nodes, timeout, enough=lambda tasks: not tasks)
    return {node: len(tasks) for node, tasks in answers.items()}


def idle(control: Control, nodes: Iterable[str], timeout: float) -> None:
    """Wait until the nodes work on nothing; they are asked once a second, as a task may take minutes."""
    control.ask("active", nodes, timeout, enough=lambda tasks: not tasks, every=1.0)


def active(control: Control, nodes: Iterable[str], timeout: float) -> dict[str, list[dict[str, Any]]]:
    """Return the tasks that each node works on."""
    answers = control.ask("active", nodes, timeout)
    return {node: [task(held) for held in tasks] for node, tasks in answers.items()}


def reserved(control: Control, nodes: Iterable[str], timeout: float) -> dict[str, list[dict[str, Any]]]:
    """Return the tasks that each node has taken and not begun."""
    answers = control.ask("reserved", nodes, timeout)
    return {node: [task(held) for held in tasks] for node, tasks in answers.items()}


def task(held: dict[str, Any]) -> dict[str, Any]:
    """Return a node's task without its arguments, which may be private."""
    started = held.get("time_start")
    return {
        "id": held.get("id"),
        "name": held.get("name"),
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds") if started else None,
    }

"""What worker nodes consume and hold, and how they are told to stop and start consuming."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cloche_agent.control import Control

# Seconds between looks at something that changes within milliseconds.
_LOOK = 0.1


def consumed(control: Control, nodes: Iterable[str], timeout: float) -> dict[str, list[str]]:
    """Return the queues that each node consumes, by name; of the nodes that answered."""
    answers = control.ask("active_queues", nodes, timeout)
    return {node: sorted(queue["name"] for queue in queues) for node, queues in answers.items()}


def stop(control: Control, queues: dict[str, list[str]], timeout: float) -> dict[str, list[str]]:
    """Take all queues from the nodes of ``{node: [queue]}``; return what each of them still consumes.

    The answer to cancel_consumer only says that it will be done; what is delivered until it is done is reserved then.
    """
    deadline = time.monotonic() + timeout
    by_queue: dict[str, list[str]] = {}
    for node, names in queues.items():
        for name in names:
            by_queue.setdefault(name, []).append(node)
    for name, nodes in sorted(by_queue.items()):
        control.ask("cancel_consumer", nodes, deadline - time.monotonic(), queue=name)
    answers = control.ask(
        "active_queues", queues, deadline - time.monotonic(), enough=lambda left: not left, every=_LOOK
    )
    return {node: sorted(queue["name"] for queue in left) for node, left in answers.items()}


def start(control: Control, nodes: list[str], queues: list[str], timeout: float) -> dict[str, list[str]]:
    """Let the nodes consume the queues as well, and return what each consumes then."""
    deadline = time.monotonic() + timeout
    for queue in queues:
        control.ask("add_consumer", nodes, deadline - time.monotonic(), queue=queue)

    def has_all(answer: list[dict[str, Any]]) -> bool:
        return set(queues) <= {queue["name"] for queue in answer}

    answers = control.ask("active_queues", nodes, deadline - time.monotonic(), enough=has_all, every=_LOOK)
    return {node: sorted(queue["name"] for queue in held) for node, held in answers.items()}


def empty(control: Control, nodes: Iterable[str], timeout: float) -> dict[str, int]:
    """Wait until the nodes have begun all they had reserved; return how many tasks each still has reserved.

    A node that stops answering proves nothing, and is asked to the end.
    """
    answers = control.ask("reserved", nodes, timeout, enough=lambda tasks: not tasks)
    return {node: len(tasks) for node, tasks in answers.items()}


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

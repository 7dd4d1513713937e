"""``requeue``: back to work with messages that an older release rejected for want of their task."""

import json
from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Any

from cloche_agent import celery_app
from cloche_agent.output import Failure, describe, step

# What the broker writes on its way, and would read again: counts of deliveries, former deaths.
_BROKERS_OWN = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count", "x-opt-")


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"requeued": {task: number}, "left": number}``; what did not go back stays where it is.

    A task that is known everywhere may have been rejected on purpose; ``--names-from`` keeps those out: a list of
    names, or an object with such a list under ``tasks``.
    """
    app = celery_app.load(options.celery, tasks=True)
    names = set(app.tasks)
    if options.names_from:
        with step("names"):
            listed = json.loads(Path(options.names_from).read_text(encoding="utf-8"))
            names &= set(listed["tasks"] if isinstance(listed, dict) else listed)
    if not celery_app.is_amqp(app):
        return {"requeued": {}, "left": 0}
    with celery_app.connected(app, confirm_publish=True) as connection:
        waiting = celery_app.ready(connection, options.dead_letter)
        if waiting is None:
            raise Failure("requeue", f"there is no queue {options.dead_letter}")
        moved, fault = _move(connection, options.dead_letter, min(waiting, options.limit), names)
    result = {"requeued": dict(sorted(moved.items())), "left": waiting - moved.total()}
    if fault:
        raise Failure("requeue", fault, **result)
    return result


def _move(connection: Any, queue: str, count: int, names: set[str]) -> tuple[Counter[str], str]:
    """Look at ``count`` messages; return the numbers moved by task, and what ended it early in words, if anything."""
    taking, giving = connection.channel(), connection.channel()
    moved, kept, fault = Counter[str](), [], ""
    for _ in range(count):
        if (message := taking.basic_get(queue, no_ack=False)) is None:
            break
        tag, task = message.delivery_info["delivery_tag"], returnable(message, names)
        if task is None:
            kept.append(tag)
            continue
        try:
            # Returns when the broker has confirmed it; only then is the original acknowledged.
            giving.basic_publish(_copy(message), *_origin(message), mandatory=True)
        except Exception as error:
            kept.append(tag)
            fault = f"the broker did not take {task} back: {describe(error)}"
            break
        taking.basic_ack(tag)
        moved[task] += 1
    # Held until now, so that none is looked at twice; in their order.
    for tag in kept:
        taking.basic_reject(tag, requeue=True)
    return moved, fault


def returnable(message: Any, names: set[str]) -> str | None:
    """Return the task's name if the message was rejected by a worker and its task is one of the names."""
    headers = message.properties.get("application_headers") or {}
    deaths, task = headers.get("x-death") or [{}], headers.get("task")
    return task if task in names and deaths[0].get("reason") == "rejected" else None


def _origin(message: Any) -> tuple[str, str]:
    death = message.properties["application_headers"]["x-death"][0]
    return death["exchange"], (death.get("routing-keys") or [death["queue"]])[0]


def _copy(message: Any) -> Any:
    from amqp import Message

    properties = dict(message.properties)
    headers = properties["application_headers"]
    properties["application_headers"] = {
        name: value for name, value in headers.items() if not name.startswith(_BROKERS_OWN)
    }
    return Message(message.body, **properties)

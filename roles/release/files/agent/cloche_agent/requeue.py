"""``requeue``: back to work with messages that are parked: rejected, given up, or taken by no queue."""

import json
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloche_agent import celery_app
from cloche_agent.output import Failure, describe, step

# What the broker writes on its way, and would read again: counts of deliveries, former deaths.
_BROKERS_OWN = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count", "x-opt-")


@dataclass(frozen=True)
class Wanted:
    """Which messages go back: of tasks with these names; ``rejected``: by a worker; ``died``: in the queue they had."""

    names: set[str]
    rejected: bool = False
    died: bool = True

    def task(self, message: Any) -> str | None:
        """Return the name of the task if the message goes back."""
        task = (message.properties.get("application_headers") or {}).get("task")
        fits = not self.rejected or self._death(message).get("reason") == "rejected"
        return task if task in self.names and fits else None

    def origin(self, message: Any) -> tuple[str, str]:
        """Return exchange and routing key by which it was published."""
        death = self._death(message)
        if self.died and death:
            return death["exchange"], (death.get("routing-keys") or [death["queue"]])[0]
        return message.delivery_info["exchange"], message.delivery_info["routing_key"]

    @staticmethod
    def _death(message: Any) -> dict[str, Any]:
        headers = message.properties.get("application_headers") or {}
        return next(iter(headers.get("x-death") or []), {})


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"requeued": {task: number}, "left": number}``; what did not go back stays where it is.

    A task may have been rejected on purpose; ``--task`` and ``--names-from`` keep those out, the latter with a list of
    names, or an object with such a list under ``tasks``. A task that this release does not know stays in any case.
    """
    app = celery_app.load(options.celery, tasks=True)
    names = set(app.tasks)
    if options.task:
        names &= set(options.task)
    if options.names_from:
        with step("names"):
            listed = json.loads(Path(options.names_from).read_text(encoding="utf-8"))
            names &= set(listed["tasks"] if isinstance(listed, dict) else listed)
    if not celery_app.is_amqp(app):
        return {"requeued": {}, "left": 0}
    with celery_app.connected(app, confirm_publish=True) as connection:
        queue = options.dead_letter or options.unrouted
        waiting = celery_app.ready(connection, queue)
        if waiting is None:
            raise Failure("requeue", f"there is no queue {queue}")
        wanted = Wanted(names, rejected=options.rejected, died=bool(options.dead_letter))
        moved, fault = _move(connection, queue, min(waiting, options.limit), wanted)
    result = {"requeued": dict(sorted(moved.items())), "left": waiting - moved.total()}
    if fault:
        raise Failure("requeue", fault, **result)
    return result


def _move(connection: Any, queue: str, count: int, wanted: Wanted) -> tuple[Counter[str], str]:
    """Look at ``count`` messages; return the numbers moved by task, and what ended it early in words, if anything."""
    taking, giving = connection.channel(), connection.channel()
    moved, kept, fault = Counter[str](), [], ""
    for _ in range(count):
        if (message := taking.basic_get(queue, no_ack=False)) is None:
            break
        tag, task = message.delivery_info["delivery_tag"], wanted.task(message)
        if task is None:
            kept.append(tag)
            continue
        try:
            # Returns when the broker has confirmed it; only then is the original acknowledged.
            giving.basic_publish(_copy(message), *wanted.origin(message), mandatory=True)
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


def _copy(message: Any) -> Any:
    from amqp import Message

    properties = dict(message.properties)
    headers = properties["application_headers"]
    properties["application_headers"] = {
        name: value for name, value in headers.items() if not name.startswith(_BROKERS_OWN)
    }
    return Message(message.body, **properties)

"""``workers``: new nodes answer before old ones let go of their queues; nothing is handed back.

The old ones are not ended here: TERM alone keeps prefetched messages until a long task ends, and drops jobs already
written to a child, so the caller sends it when this has returned.
"""

import time
from argparse import Namespace
from typing import Any

from cloche_agent import celery_app, nodes
from cloche_agent.control import Control
from cloche_agent.output import Failure

#: Seconds for a running node to answer; one that does not is not waited for again.
_ANSWER = 5


class Clock:
    """Seconds of one phase after the other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.since = time.monotonic()

    def lap(self, phase: str) -> None:
        """Note how long the phase took that ends now."""
        now = time.monotonic()
        self.seconds[phase], self.since = round(now - self.since, 3), now


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"answered", "retired", "left", "seconds"}``; raise Failure where a new node does not answer.

    ``retired`` is ``{node: {"answered", "queues", "active", "reserved"}}``: the queues it consumed, the tasks that it
    works on, and how many it had reserved at last: not 0 after the drain timeout, None if it never said.
    ``left`` is ``{queue: ready messages}``.
    """
    clock = Clock()
    app = celery_app.load(options.celery)
    with celery_app.connected(app) as connection:
        control = Control(app, connection)
        clock.lap("load")
        # While the new ones boot.
        held = nodes.consumed(control, options.retired, _ANSWER)
        clock.lap("ask")
        answered = control.ask("ping", options.awaited, options.start_timeout)
        clock.lap("await")
        if missing := sorted(set(options.awaited) - answered.keys()):
            message = f"no answer after {options.start_timeout:g} s from {', '.join(missing)}"
            raise Failure("await", message, answered=sorted(answered), missing=missing, seconds=clock.seconds)
        queues = sorted({queue for names in held.values() for queue in names})
        retired = _retire(control, options.retired, held, options.drain_timeout)
        clock.lap("retire")
        left = {queue: celery_app.ready(connection, queue) for queue in queues}
    return {"answered": sorted(answered), "retired": retired, "left": left, "seconds": clock.seconds}


def _retire(control: Control, wanted: list[str], held: dict[str, list[str]], timeout: float) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    nodes.stop(control, held, timeout)
    reserved = nodes.empty(control, held, deadline - time.monotonic())
    active = nodes.active(control, held, _ANSWER)
    return {
        node: {
            "answered": node in held,
            "queues": held.get(node, []),
            "active": active.get(node, []),
            "reserved": reserved.get(node),
        }
        for node in wanted
    }

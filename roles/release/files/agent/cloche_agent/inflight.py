"""``inflight``: what worker nodes hold at this moment, or still hold after a while."""

import time
from argparse import Namespace
from typing import Any

from cloche_agent import celery_app, nodes
from cloche_agent.control import Control

Held = dict[str, dict[str, Any]]


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"nodes": {node: {"active", "reserved", "queues"}}, "missing": [node]}``; missing is no failure.

    With ``--wait`` that is what is left when all hold nothing or the time is over, and ``"finished"`` are the tasks of
    each node that were there at first and no more: ``{node: [task]}``.
    """
    app = celery_app.load(options.celery)
    with celery_app.connected(app) as connection:
        control = Control(app, connection)
        first = _held(control, options.nodes, options.timeout)
        last = _rest(control, first, options) if options.wait else first
    result = {"nodes": last, "missing": sorted(set(options.nodes) - last.keys())}
    if options.wait:
        result["finished"] = {node: _gone(held, last[node]) for node, held in first.items() if node in last}
    return result


def _held(control: Control, names: list[str], timeout: float) -> Held:
    queues = nodes.consumed(control, names, timeout)
    # Those that have answered once do so again.
    reserved = nodes.reserved(control, queues, timeout)
    active = nodes.active(control, queues, timeout)
    return {
        node: {"active": active.get(node, []), "reserved": reserved.get(node, []), "queues": names}
        for node, names in sorted(queues.items())
    }


def _rest(control: Control, first: Held, options: Namespace) -> Held:
    """Return what nodes hold when they have run all they had, or when the time is over."""
    deadline = time.monotonic() + options.wait
    # What is reserved becomes active, so in this order.
    nodes.empty(control, first, deadline - time.monotonic())
    nodes.idle(control, first, deadline - time.monotonic())
    return _held(control, list(first), options.timeout)


def _gone(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    left = {task["id"] for task in [*after["active"], *after["reserved"]]}
    return [task for task in [*before["active"], *before["reserved"]] if task["id"] not in left]

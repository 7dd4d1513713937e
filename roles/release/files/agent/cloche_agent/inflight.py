"""``inflight``: what worker nodes hold at this moment."""

from argparse import Namespace
from typing import Any

from cloche_agent import celery_app, nodes
from cloche_agent.control import Control


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"nodes": {node: {"active", "reserved", "queues"}}, "missing": [node]}``; missing is no failure."""
    app = celery_app.load(options.celery)
    with celery_app.connected(app) as connection:
        control = Control(app, connection)
        queues = nodes.consumed(control, options.nodes, options.timeout)
        # Those that have answered once do so again.
        reserved = nodes.reserved(control, queues, options.timeout)
        active = nodes.active(control, queues, options.timeout)
    held = {
        node: {"active": active.get(node, []), "reserved": reserved.get(node, []), "queues": names}
        for node, names in sorted(queues.items())
    }
    return {"nodes": held, "missing": sorted(set(options.nodes) - queues.keys())}

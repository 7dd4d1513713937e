"""``consume``: take all queues from worker nodes, as to drain a host, or give them queues again."""

from argparse import Namespace
from typing import Any

from cloche_agent import celery_app, nodes
from cloche_agent.control import Control
from cloche_agent.output import Failure


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"nodes": {node: {"was": queues, "queues": queues}}}``; raise Failure where one is not as wanted.

    A worker that is restarted consumes what its program says again.
    """
    app = celery_app.load(options.celery)
    wanted = [celery_app.queue_name(app, queue) for queue in options.start or []]
    with celery_app.connected(app) as connection:
        control = Control(app, connection)
        before = nodes.consumed(control, options.nodes, options.timeout)
        if options.stop:
            after = nodes.stop(control, before, options.timeout)
        else:
            after = nodes.start(control, before, wanted, options.timeout)
    result = {node: {"was": before[node], "queues": after[node]} for node in sorted(before)}
    if silent := sorted(set(options.nodes) - before.keys()):
        raise Failure("nodes", f"no answer within {options.timeout:g} s from {', '.join(silent)}", nodes=result)
    if failed := [node for node in result if (set(wanted) - set(after[node]) if wanted else after[node])]:
        what = "does not consume what it should" if wanted else "still consumes"
        raise Failure("consume", f"{', '.join(failed)} {what} after {options.timeout:g} s", nodes=result)
    return {"nodes": result}

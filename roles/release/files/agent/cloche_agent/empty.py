"""``empty``: nothing waits in queues any more, or time is up."""

import time
from argparse import Namespace
from typing import Any

from cloche_agent import celery_app

_LOOK = 0.25


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"left": {queue as given: ready messages}, "seconds"}``; messages that are left are no failure."""
    app = celery_app.load(options.celery)
    names = {queue: celery_app.queue_name(app, queue) for queue in options.queues}
    started = time.monotonic()
    with celery_app.connected(app) as connection:
        while True:
            left = {queue: celery_app.ready(connection, name) or 0 for queue, name in names.items()}
            seconds = time.monotonic() - started
            if not any(left.values()) or seconds > options.timeout:
                return {"left": left, "seconds": round(seconds, 3)}
            time.sleep(_LOOK)

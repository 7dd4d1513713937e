"""``probe``: one task on each queue at once, published, run and answered."""

import time
from argparse import Namespace
from typing import Any

from cloche_agent import celery_app
from cloche_agent.output import Failure, describe, redact, step

_TURN = 0.03


def run(options: Namespace) -> dict[str, Any]:
    """Return ``{"queues": {name as given: {"ok", "seconds" or "reason"}}}``; an ``error`` where one is not served.

    No expiry: on quorum queues it would send the probe of a queue without workers to the dead letters, while a probe
    that is run later does no harm.
    """
    app = celery_app.load(options.celery, results=True)
    names = {queue: celery_app.queue_name(app, queue) for queue in options.queues}
    with step("probe"):
        from celery.backends.base import DisabledBackend
        from celery.exceptions import TimeoutError as NotYet

        silent = isinstance(app.backend, DisabledBackend)
        started, waiting = time.monotonic(), {}
        for queue, name in names.items():
            waiting[queue] = app.send_task(options.task, queue=name, ignore_result=False)
        if silent:
            reason = "published, but the application keeps no results to wait for"
            return {"queues": {queue: {"ok": None, "reason": reason} for queue in waiting}}
        answers: dict[str, dict[str, Any]] = {}
        # At least one turn over all of them, and short ones: they answer in any order.
        while waiting:
            for queue, result in list(waiting.items()):
                try:
                    result.get(timeout=_TURN, interval=_TURN / 2, propagate=False)
                except NotYet:
                    continue
                answers[queue] = _answer(result, time.monotonic() - started)
                result.forget()
                del waiting[queue]
            if time.monotonic() - started > options.timeout:
                break
    for queue in waiting:
        answers[queue] = {"ok": False, "reason": f"no answer within {options.timeout:g} s"}
    queues = {queue: answers[queue] for queue in names}
    if failed := [f"{queue} ({answer['reason']})" for queue, answer in queues.items() if not answer["ok"]]:
        raise Failure("probe", f"not served: {', '.join(failed)}", queues=queues)
    return {"queues": queues}


def _answer(result: Any, seconds: float) -> dict[str, Any]:
    if result.state == "SUCCESS":
        return {"ok": True, "seconds": round(seconds, 3)}
    error = result.result
    reason = describe(error) if isinstance(error, BaseException) else str(result.state)
    return {"ok": False, "reason": redact(reason), "seconds": round(seconds, 3)}

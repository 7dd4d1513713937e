"""How far a running task is, for whoever watches it."""

import logging

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

logger = logging.getLogger(__name__)

#: The state that a running task stores; its result is ``{"current": int, "total": int}``.
PROGRESS = "PROGRESS"


def report(task: Task, current: int, total: int) -> None:
    """Store that the running task has done ``current`` of ``total`` steps; never fail it.

    Only where its result is kept: for an ignored one nobody would ever see it, nor take the row away.
    """
    if task.request.called_directly or task.request.ignore_result:
        return
    try:
        task.update_state(state=PROGRESS, meta={"current": current, "total": total})
    except SoftTimeLimitExceeded:
        raise
    # Whatever the backend raises: a result store that is away for a moment must not cost the work.
    except Exception as error:
        logger.warning("progress not stored: %s", type(error).__name__)

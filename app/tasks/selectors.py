"""What is known about a task."""

import re
from typing import Any

from celery import current_app, states
from celery.exceptions import TaskRevokedError

from core.http import BadInput
from core.progress import PROGRESS
from core.results import shown_result
from tasks import cancelling

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def task_state(task_id: str) -> dict[str, Any]:
    """Return ``task_id``, ``task_status`` and ``task_result`` of the task; an unknown id is PENDING.

    The status is one of Celery's own: a task that reports its progress is STARTED, and ``progress`` is
    ``{"current", "total"}``; one that was cancelled while it waited is REVOKED, whether or not there is a worker. The
    result is JSON-safe: null until there is one, "Type: message" for a failure. Raises BadInput where the id is no
    UUID.
    """
    if not _UUID.fullmatch(task_id):
        raise BadInput("the task id is not a UUID")
    # One read of the backend: state and result asked one after the other could belong to different moments.
    meta = current_app.backend.get_task_meta(task_id.lower())
    status, result = meta["status"], meta.get("result")
    if status == states.PENDING and cancelling.is_cancelled(task_id):
        status, result = states.REVOKED, TaskRevokedError(cancelling.REASON)
    if status == PROGRESS:
        return {"task_id": task_id, "task_status": states.STARTED, "task_result": None, "progress": result}
    return {"task_id": task_id, "task_status": status, "task_result": shown_result(status, result)}

"""What is known about a task."""

import json
import re
from typing import Any

from celery import current_app, states

from core.http import BadInput
from core.progress import PROGRESS

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def task_state(task_id: str) -> dict[str, Any]:
    """Return ``task_id``, ``task_status`` and ``task_result`` of the task; an unknown id is PENDING.

    The status is one of Celery's own: a task that reports its progress is STARTED, and ``progress`` is
    ``{"current", "total"}``. The result is JSON-safe: null until there is one, "Type: message" for a failure.
    Raises BadInput where the id is no UUID.
    """
    if not _UUID.fullmatch(task_id):
        raise BadInput("the task id is not a UUID")
    # One read of the backend: state and result asked one after the other could belong to different moments.
    meta = current_app.backend.get_task_meta(task_id.lower())
    status, result = meta["status"], meta.get("result")
    if status == PROGRESS:
        return {"task_id": task_id, "task_status": states.STARTED, "task_result": None, "progress": result}
    return {"task_id": task_id, "task_status": status, "task_result": _result(status, result)}


def _result(status: str, result: Any) -> Any:
    if isinstance(result, BaseException):
        return f"{type(result).__name__}: {result}"
    if status in {states.PENDING, states.RECEIVED, states.STARTED}:
        return None  # STARTED keeps process id and host there: nothing for a browser
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError):
        return str(result)
    return result

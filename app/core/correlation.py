"""The request's id travels with the tasks that it starts, and with those that they start."""

from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

from core.logs import request_id

#: In the message's headers, and therefore an attribute of the task's request.
HEADER = "request_id"


@before_task_publish.connect
def hand_over(headers: dict[str, Any], **_: Any) -> None:
    """Put the id into the message: retries and the links of a chain are published here too."""
    if value := request_id.get():
        headers[HEADER] = value


@task_prerun.connect
def take_over(task: Task, **_: Any) -> None:
    """Log the task under the id of the request that started it; one that runs eagerly is within that request."""
    if not task.request.is_eager:
        request_id.set(task.request.get(HEADER) or "")


@task_postrun.connect
def forget(task: Task, **_: Any) -> None:
    """Log what the process does next without it."""
    if not task.request.is_eager:
        request_id.set("")

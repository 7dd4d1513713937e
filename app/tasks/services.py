"""What can be done with tasks: start one."""

from core.publishing import publish
from tasks.tasks import create_task


def start(task_type: int) -> str:
    """Publish ``create_task`` and return its id. Raises NotConfirmed."""
    return publish(create_task, {"task_type": task_type})

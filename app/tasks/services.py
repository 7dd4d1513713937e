"""What can be done with tasks: start one, cancel one."""

from typing import Any

from celery import current_app, states

from core.control import broadcast
from core.inprocess import is_in_process
from core.publishing import publish
from tasks import cancelling
from tasks.selectors import task_state
from tasks.tasks import create_task


class NotCancellable(Exception):
    """The task can't be cancelled here; the text is for the client."""


def start(task_type: int) -> str:
    """Publish ``create_task`` and return its id. Raises NotConfirmed."""
    return publish(create_task, {"task_type": task_type})


def cancel(task_id: str) -> dict[str, Any]:
    """Ask the workers to stop the task, or not to begin it, and return its state of before.

    The worker that has it stores REVOKED, as does one that comes to it later. Idempotent: what has ended is left as it
    is, and a repeated request finds the task stopped. Raises BadInput, NotConfirmed (a task that runs goes on; one that
    waits does not begin), and NotCancellable where tasks run in this process.
    """
    state = task_state(task_id)
    if state["task_status"] not in states.READY_STATES:
        if is_in_process(current_app):
            raise NotCancellable(
                "without a broker tasks run in threads of the web process, which can't be stopped: wait for its end"
            )
        # First: a task that does not find this has begun, and its worker is told.
        cancelling.remember(task_id)
        # TERM ends the pool's process that works on it; a task of another id that it has just begun is delivered again.
        broadcast("revoke", {"task_id": task_id.lower(), "terminate": True, "signal": "TERM"})
    return state

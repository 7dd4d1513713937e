"""Tasks without a broker: one Celery worker with a thread pool inside the web process.

It is a real worker on an in-memory broker, so states, retries, countdowns and chains behave as in production.
What differs: time limits are not enforced on threads, and tasks die with the process.
"""

import logging
import os
import threading

from celery import Celery

from config.celery_settings import IN_PROCESS_BROKER

logger = logging.getLogger(__name__)

_CONCURRENCY = 4
_lock = threading.Lock()
_owner_pid: int | None = None


def is_in_process(app: Celery) -> bool:
    """Whether the application has no broker of its own."""
    return app.conf.broker_url == IN_PROCESS_BROKER and not app.conf.task_always_eager


def ensure_worker(app: Celery) -> None:
    """Start this process's worker when the first task is published; do nothing where there is a broker."""
    global _owner_pid
    if not is_in_process(app):
        return
    with _lock:
        # By process id: after a fork the threads are gone.
        if _owner_pid != os.getpid():
            _owner_pid = os.getpid()
            threading.Thread(target=_run, args=(app,), name="celery-in-process", daemon=True).start()


def _run(app: Celery) -> None:
    # In this thread: Celery's Django fixup closes the database connections of the thread that makes the worker.
    logger.info(
        "no broker configured: running tasks in %d threads of this process",
        _CONCURRENCY,
    )
    worker = app.WorkController(
        pool="threads",
        concurrency=_CONCURRENCY,
        hostname=f"in-process-{os.getpid()}@localhost",
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )
    worker.start()

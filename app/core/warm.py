"""What the first request of a process would otherwise wait for."""

from celery import current_app
from django.urls import get_resolver


def load_lazily_loaded() -> None:
    """Load every view and its tasks, and Celery's routes, without a connection to anything.

    gunicorn does it once, before it forks its workers, so a release's first visitors wait no longer than others.
    """
    # Looking a URL up imports the modules of all views, and those the tasks that they publish.
    get_resolver().resolve("/livez")
    current_app.finalize(auto=True)
    for queue in current_app.amqp.queues:
        current_app.amqp.router.route({"queue": queue}, "warm")

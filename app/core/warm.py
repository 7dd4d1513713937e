"""What the first request of a process would otherwise wait for."""

from contextlib import suppress

from celery import current_app
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import get_resolver
from kombu import Connection

from core.inprocess import is_in_process


def load_lazily_loaded() -> None:
    """Load views, templates, tasks and what publishes them, without a connection to anything.

    gunicorn does it once, before it forks its workers, so a release's first visitors wait no longer than others.
    """
    # Looking a URL up imports the modules of all views, and those the tasks that they publish.
    page = get_resolver().resolve("/")
    # Also loaded to be checked, before static files are collected: they have no names yet.
    with suppress(ValueError):
        page.func(_request("/"), *page.args, **page.kwargs)
    current_app.finalize(auto=True)
    if is_in_process(current_app):
        # Its worker would run what is published here.
        return
    with Connection("memory://") as nowhere:
        producer = current_app.amqp.Producer(nowhere, auto_declare=False)
        for queue in current_app.amqp.queues:
            current_app.send_task("celery.accumulate", queue=queue, producer=producer, ignore_result=True)


def _request(path: str) -> HttpRequest:
    request = RequestFactory().get(path)
    # The middleware's work: templates ask who is there.
    request.user = AnonymousUser()
    return request

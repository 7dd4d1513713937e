"""What is loaded before the first request: everything that takes long, and nothing that connects."""

import socket
import warnings
from typing import Any

import pytest
from django.template.loader import get_template
from django.templatetags.static import static

from config.celery import app
from core.warm import load_lazily_loaded

BROKERS = ["amqp://nobody@127.0.0.1:1//", "redis://127.0.0.1:1/0", "memory://localhost//"]


@pytest.mark.parametrize("url", BROKERS)
def test_it_connects_to_nothing(url: str, broker_url: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*arguments: Any) -> None:
        raise AssertionError(f"connected: {arguments}")

    broker_url(url)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_lazily_loaded()


def test_it_can_be_loaded_before_static_files_are_collected(settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        static("garden/garden.css")
    load_lazily_loaded()


def test_nothing_is_left_to_be_delivered() -> None:
    """The in-process broker is in memory as well: its worker must not find what was published for warmth."""
    with app.connection_for_read() as connection:
        queues = [queue(connection.default_channel) for queue in app.amqp.queues.values()]
        for queue in queues:
            queue.purge()
        load_lazily_loaded()
        assert [queue.get(no_ack=True) for queue in queues] == [None] * len(queues)


def test_the_page_is_compiled_before_somebody_asks_for_it() -> None:
    load_lazily_loaded()
    engine = get_template("tasks/home.html").template.engine
    assert any("tasks/home.html" in str(name) for name in engine.template_loaders[0].get_template_cache)

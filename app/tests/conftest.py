"""What the tests share."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import report_parts
from django.contrib.auth import get_user_model
from django.core.cache import cache
from smtp_server import Mailbox, smtp_server
from upstream_server import Upstream, serve

from config.celery import app as celery_app
from config.celery_settings import celery_settings
from core import inprocess, publishing
from core.control import broadcast
from reports.models import Report


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect what would be published, as ``{"name", "kwargs", **options}``, in place of publishing it."""
    messages: list[dict[str, Any]] = []

    def send_task(name: str, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        messages.append({"name": name, "kwargs": kwargs, **options})

    monkeypatch.setattr(celery_app, "send_task", send_task)
    monkeypatch.setattr("core.inprocess.ensure_worker", lambda app: None)
    return messages


@pytest.fixture
def until() -> Callable[..., Any]:
    """Return ``until(read)``: the first true reading within ten seconds."""

    def until(read: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 10
        while not (reading := read()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return reading

    return until


@pytest.fixture
def worker(transactional_db: None, until: Callable[..., Any]) -> None:
    """Have the worker of this process up; its start sets logging up again, so it must not come amid a test."""
    inprocess.ensure_worker(celery_app)
    until(lambda: broadcast("ping", reply=True, timeout=0.2))


@pytest.fixture
def broker_url(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that points the application to another broker for the length of the test."""
    # Loads the settings: what is changed before would be lost with that.
    celery_app.conf.get("broker_url")
    # What is thought of a broker ends with the test.
    monkeypatch.setattr(publishing, "_quiet_until", 0.0)
    monkeypatch.setattr(publishing, "_silent_since", None)

    def use(url: str) -> None:
        for setting in ("CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS"):
            key = setting.removeprefix("CELERY_").lower()
            monkeypatch.setitem(celery_app.conf.changes, key, celery_settings(url)[setting])

    return use


@pytest.fixture
def upstream(settings: Any) -> Iterator[Upstream]:
    """A local server in the place of both upstream APIs."""
    with serve() as server:
        settings.REPORTS_API_URL = server.url
        settings.PHOTOS_FEED_URL = f"{server.url}/feed"
        yield server


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """An empty MEDIA_ROOT."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def report(db: None, media: Path) -> Report:
    """A report that ann has asked for."""
    owner = get_user_model().objects.create_user("ann", email="ann@garden.test")
    return report_parts.make(owner=owner)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A real mail server that the settings point to; a test sets its behaviour and reads its mails."""
    box = Mailbox()
    with smtp_server(box) as (settings.EMAIL_HOST, settings.EMAIL_PORT):
        settings.EMAIL_BACKEND = "core.mail.EmailBackend"
        settings.EMAIL_TIMEOUT = 1
        settings.FEEDBACK_TO = ["team@example.com"]
        settings.DEFAULT_FROM_EMAIL = "garden@example.com"
        yield box

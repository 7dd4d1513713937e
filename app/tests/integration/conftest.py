"""What the integration tests share: workers as processes, in production's settings, on services of the tests' own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from integration.processes import Worker, running
from integration.proxy import Proxy
from smtp_server import Mailbox, smtp_server

HERE = Path(__file__).parent
VARIABLES = ("TEST_DATABASE_URL", "TEST_BROKER_URL", "TEST_REDIS_URL")
SETTINGS = "tests.integration.settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them where there are no services."""
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    reason = f"bin/integration-tests sets {', '.join(missing)}" if missing else f"needs --ds={SETTINGS}"
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)
            if missing or django_settings.SETTINGS_MODULE != SETTINGS:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def topology() -> None:
    """The exchange and the queues, as a release declares them."""
    call_command("declare_topology")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The tests' own Redis."""
    return os.environ["TEST_REDIS_URL"]


@pytest.fixture(scope="module")
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """The workers' mail server: what it accepted, and its URL."""
    with smtp_server(mailbox := Mailbox()) as (host, port):
        yield mailbox, f"smtp://{host}:{port}"


@pytest.fixture
def mailbox(mail_server: tuple[Mailbox, str]) -> Mailbox:
    """What the workers' mail server accepted during the test."""
    mail_server[0].mails.clear()
    return mail_server[0]


@pytest.fixture(scope="module")
def start_worker(
    topology: None,
    django_db_setup: None,
    redis_url: str,
    mail_server: tuple[Mailbox, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Any]:
    """Return ``start_worker(name, **environment)``: a context in which that worker runs."""
    database = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": os.environ["TEST_BROKER_URL"],
        "CACHE_URL": redis_url,
        "EMAIL_URL": mail_server[1],
        "FEEDBACK_TO": "team@example.com",
    }
    folder = tmp_path_factory.mktemp("workers")
    return lambda name, **more: running(Worker(name, folder / f"{name}.log", environment | more))


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A way to the broker that can be cut."""
    with Proxy(os.environ["TEST_BROKER_URL"]) as proxy:
        yield proxy

"""What the tests of this scenario share: the passwords that converge.yml made, and a client."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host

HOSTILE = "p% $#'\"\\:@/ ü"  # stands in converge.yml as well


def secret(name: str) -> str:
    """Return the random part of a password, as converge.yml left it on the controller."""
    return Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], name).read_text(encoding="utf-8").strip()


@pytest.fixture
def passwords() -> dict[str, str]:
    """Return the password of each application by its name."""
    return {"garden": HOSTILE + secret("garden"), "orchard": secret("orchard")}


@pytest.fixture
def connect(host: Host) -> Callable[..., CommandResult]:
    """Return a function that runs one statement over TCP as an application."""

    def run(
        user: str, password: str, database: str = "", address: str = "127.0.0.1", sql: str = "SELECT 1"
    ) -> CommandResult:
        return host.run(
            "PGPASSWORD=%s PGCONNECT_TIMEOUT=5 psql --no-password -X -At -h %s -U %s -d %s -c %s",
            password,
            address,
            user,
            database or user,
            sql,
        )

    return run


@pytest.fixture
def ask(host: Host) -> Callable[[str], str]:
    """Return a function that runs one statement as the superuser and gives its answer."""

    def run(sql: str) -> str:
        return host.check_output("cd / && runuser -u postgres -- psql -X -At -c %s", sql)

    return run

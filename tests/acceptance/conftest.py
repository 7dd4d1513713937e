"""Black box over HTTP(S): the same suite for lab, cluster and compose.

pytest tests/acceptance --base-url https://localhost:8443 --ca .lab/ca.crt
"""

import os
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

OPTIONS = {
    "--base-url": ("CLOCHE_BASE_URL", "https://localhost:8443", "address of the stack"),
    "--ca": ("CLOCHE_CA", "", "file with the CA that signed the certificate (default: the system's)"),
    "--http-url": ("CLOCHE_HTTP_URL", "", "address that redirects to HTTPS"),
    "--operator": ("CLOCHE_OPERATOR", "", "name:password-file for /flower/ and /rabbitmq/"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take each option from the command line, else from the environment."""
    group = parser.getgroup("acceptance")
    for option, (variable, default, help_text) in OPTIONS.items():
        group.addoption(option, default=os.environ.get(variable, default), help=f"{help_text} [{variable}]")


@pytest.fixture(scope="session")
def tls(pytestconfig: pytest.Config) -> ssl.SSLContext:
    """The CAs that the client trusts."""
    return ssl.create_default_context(cafile=pytestconfig.getoption("--ca") or None)


@pytest.fixture(scope="session")
def client(pytestconfig: pytest.Config, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A client without cookies, bound to the stack's address; every request ends within 20 s."""
    with httpx.Client(base_url=pytestconfig.getoption("--base-url"), verify=tls, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def http_url(pytestconfig: pytest.Config) -> str:
    """The plain HTTP address, where one is given."""
    return pytestconfig.getoption("--http-url") or pytest.skip("no --http-url given")


@pytest.fixture(scope="session")
def operator(pytestconfig: pytest.Config) -> tuple[str, str]:
    """Name and password of an operator, where given."""
    name, _, path = (pytestconfig.getoption("--operator") or pytest.skip("no --operator given")).partition(":")
    return name, Path(path).read_text(encoding="utf-8").rstrip("\n")


@pytest.fixture
def prefix() -> str:
    """A prefix of ledger keys that no other test and no earlier run has used."""
    return f"acceptance.{uuid.uuid4().hex}."


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Return ``until(read, done, seconds)``: read until done, return the last reading, fail when time is up."""

    def until(read: Callable[[], Any], done: Callable[[Any], bool], seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        while not done(reading := read()):
            assert time.monotonic() < deadline, f"not within {seconds} s; last reading: {reading}"
            time.sleep(0.3)
        return reading

    return until

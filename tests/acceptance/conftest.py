"""Black box over HTTP(S): the same suite for lab, cluster and compose.

pytest tests/acceptance --base-url https://localhost:8443 --ca .lab/ca.crt
"""

import os
import ssl
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
import polling

OPTIONS = {
    "--base-url": ("CLOCHE_BASE_URL", "https://localhost:8443", "address of the stack"),
    "--ca": ("CLOCHE_CA", "", "file with the CA that signed the certificate (default: the system's)"),
    "--http-url": ("CLOCHE_HTTP_URL", "", "address that redirects to HTTPS"),
    "--connect-to": ("CLOCHE_CONNECT_TO", "", "address that stands for every name, like a line in /etc/hosts"),
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


class ConnectTo(httpx.HTTPTransport):
    """Connect to one address, whatever the name; certificate and Host header are those of the name."""

    def __init__(self, address: str, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls)
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request that names its host to the address."""
        named = {**request.extensions, "sni_hostname": request.url.host}
        url = request.url.copy_with(host=self._address)
        sent = httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=named)
        return super().handle_request(sent)


@pytest.fixture(scope="session")
def client(pytestconfig: pytest.Config, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A client without cookies, bound to the stack's address; every request ends within 20 s."""
    address = pytestconfig.getoption("--connect-to")
    options = {"transport": ConnectTo(address, tls)} if address else {"verify": tls}
    with httpx.Client(
        base_url=pytestconfig.getoption("--base-url"), timeout=20, trust_env=False, **options
    ) as client:  # fmt: skip
        yield client


@pytest.fixture(scope="session")
def http_url(pytestconfig: pytest.Config) -> str:
    """The plain HTTP address, where one is given."""
    return pytestconfig.getoption("--http-url") or pytest.skip("no --http-url given")


@pytest.fixture(scope="session")
def edge(pytestconfig: pytest.Config) -> None:
    """nginx in front, which ends TLS; without it (compose local) there is nothing to look at."""
    if pytestconfig.getoption("--base-url").startswith("http:"):
        pytest.skip("the address is the application's own, without TLS")


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

    return polling.until

"""The stacks, each made once and removed at the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from readers import Side
from sides import compose_side, host_side
from stack import PROJECT, Stack

sys.path.insert(0, str(PROJECT / "bench"))

from provisioning.lab import Lab

PORTS = {
    "production": {"HTTPS_PORT": "29543", "HTTP_PORT": "29580"},
    "local": {"WEB_PORT": "29010", "FLOWER_PORT": "29557", "RABBITMQ_PORT": "29672", "MAIL_PORT": "29080"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the comparison of a host with compose be kept."""
    parser.addoption("--table", default="", help="file that the comparison of a host with compose is written to")


def make(environment: str, factory: pytest.TempPathFactory, **settings: str) -> Iterator[Stack]:
    """Bring a stack up and remove it at the end, whatever happens in between."""
    stack = Stack(environment, factory.mktemp(environment) / "tree", **PORTS[environment], **settings)
    stack.remove()
    try:
        stack.said = stack.up()
        yield stack
    finally:
        stack.remove()


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """compose/production."""
    port = PORTS["production"]["HTTPS_PORT"]
    yield from make(
        "production", tmp_path_factory, APP_IMAGE="cloche-test/garden:first", ORIGINS=f"https://localhost:{port}"
    )


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """compose/local."""
    yield from make("local", tmp_path_factory)


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a container that the roles have made a host with everything on it."""
    lab = Lab(tmp_path_factory.mktemp("lab"), "cloche-test-host")
    lab.remove()
    try:
        lab.up()
        yield lab.name
    finally:
        lab.remove()


@pytest.fixture(scope="session")
def sides(host: str, production: Stack) -> tuple[Side, Side]:
    """The host and the compose project, to be compared."""
    return host_side(host), compose_side(production.name)


@pytest.fixture(scope="session")
def acceptance() -> Callable[..., str]:
    """Return a way to run the acceptance suite with options; it returns what pytest prints, and fails as it does."""

    def run(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *options, "."], cwd=PROJECT / "tests/acceptance", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run

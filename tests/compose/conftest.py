"""The stacks, each made once and removed at the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from stack import PROJECT, Stack

PORTS = {
    "production": {"HTTPS_PORT": "29543", "HTTP_PORT": "29580"},
    "local": {"WEB_PORT": "29010", "FLOWER_PORT": "29557", "RABBITMQ_PORT": "29672", "MAIL_PORT": "29080"},
}


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

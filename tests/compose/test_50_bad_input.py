"""What goes wrong at the first try: an error names the remedy, and nothing restarts for ever."""

from __future__ import annotations

import socket

import pytest
from stack import Stack


@pytest.fixture
def fresh(tmp_path):
    """A local stack that has never run, removed afterwards."""
    stack = Stack(
        "local", tmp_path / "tree", WEB_PORT="29110", FLOWER_PORT="29157", RABBITMQ_PORT="29172", MAIL_PORT="29180"
    )
    stack.name = stack.variables["COMPOSE_PROJECT_NAME"] = "cloche-test-fresh"
    yield stack
    stack.remove()


def test_without_env_a_bare_up_names_the_remedy(fresh):
    (fresh.tree / "compose/local/.env").unlink()
    done = fresh.run("bin/compose", "local", "up", "--detach", check=False)
    assert done.returncode != 0
    assert "make compose-up" in done.stderr
    assert fresh.containers() == {}


def test_a_port_in_use_names_the_remedy_and_leaves_nothing_running(fresh):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 29110))
        taken.listen()
        done = fresh.run("compose/up", "local", seconds=600, check=False)
    assert done.returncode == 1
    assert "port 29110 of 127.0.0.1 is in use" in done.stderr
    assert "WEB_PORT=49110 make compose-up COMPOSE=local" in done.stderr
    assert not [name for name, c in fresh.containers().items() if c["State"]["Running"]]


def test_another_password_than_the_volume_s_is_taken_or_explained(fresh):
    """The secret is the truth: services take a changed one at their start."""
    fresh.up()
    fresh.compose("down")
    fresh.set(POSTGRES_PASSWORD="b" * 64, RABBITMQ_PASSWORD="c" * 64, REDIS_PASSWORD="d" * 64)
    fresh.up()
    check = ["bin/compose", "local", "exec", "--no-TTY", "web", "python", "manage.py", "migrate", "--check"]
    assert fresh.run(*check, check=False).returncode == 0


def test_no_such_environment(fresh):
    done = fresh.run("bin/compose", "staging", "ps", check=False)
    assert done.returncode == 2
    assert "local" in done.stderr and "production" in done.stderr

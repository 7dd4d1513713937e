"""What goes wrong at the first try: an error names the remedy, and nothing restarts for ever."""

from __future__ import annotations

import socket
import subprocess

import pytest
from stack import Stack, docker, until

POSTGRES = "cloche/postgres:trixie"


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


def test_a_full_disk_names_the_remedy_and_is_not_tried_again_and_again(fresh):
    """The services' own images, as the tests before have built them."""
    name = "cloche-test-full"
    volume = ["--tmpfs", "/var/lib/postgresql:size=16m,uid=990,gid=990", "--tmpfs", "/run:uid=990,gid=990"]
    docker("run", "--detach", "--name", name, *volume, "--env", "POSTGRES_PASSWORD=x", "--restart", "always", POSTGRES)
    try:
        said = until(lambda: logs(name), lambda text: "REFUSED" in text, 20)
        assert "are free on the disk of the volume" in said and "free at least 48" in said
        assert docker("inspect", "--format", "{{.RestartCount}}", name).strip() == "0"
    finally:
        docker("rm", "--force", "--volumes", name)


def logs(name: str) -> str:
    done = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_no_such_environment(fresh):
    done = fresh.run("bin/compose", "staging", "ps", check=False)
    assert done.returncode == 2
    assert "local" in done.stderr and "production" in done.stderr

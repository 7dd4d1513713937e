"""What the inventory says outranks the kit, and what it does not say stays closed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from testinfra.host import Host

UNIT, SOCKET = "redis-server@meadow-all", "/run/redis-meadow-all/redis.sock"


@pytest.fixture
def redis(host: Host) -> Callable[..., str]:
    """Return a function that sends one command over a way in (arguments of redis-cli) and gives the answer."""
    password = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "meadow").read_text(encoding="utf-8").strip()

    def send(way: str, command: str) -> str:
        client = f"REDISCLI_AUTH=%s redis-cli {way} --user meadow --no-auth-warning"
        return host.run(f"{client} {command}", password).stdout.strip()

    return send


def test_application_enters_from_outside_and_through_the_socket(host, redis):
    address = host.check_output("hostname -I").split()[0]
    assert redis(f"-h {address} -p 7000", "PING") == "PONG"
    assert redis(f"-s {SOCKET}", "PING") == "PONG"


def test_outside_still_needs_the_password(host):
    address = host.check_output("hostname -I").split()[0]
    assert "NOAUTH" in host.run("redis-cli -h %s -p 7000 PING", address).stdout
    assert "NOAUTH" in host.run("redis-cli -s %s PING", SOCKET).stdout


def test_socket_is_for_the_group(host):
    assert host.file(SOCKET).mode == 0o770
    assert host.file(SOCKET).group == "redis"


def test_uses_add_up(redis):
    for key in (":1:rose", "celery-task-meta-1", "lock:beat"):
        assert redis("-p 7000", f"SET {key} x") == "OK"
    assert "NOPERM" in redis("-p 7000", "SET rose x")
    assert "NOPERM" in redis("-p 7000", "CONFIG GET maxmemory")


def test_settings_of_the_instance_and_of_the_host_arrive(host):
    config = host.file("/etc/redis/redis-meadow-all.conf").content_string.splitlines()
    for line in (
        "appendfsync always",
        "maxmemory-policy volatile-lru",
        "maxmemory 24mb",
        "maxclients 20",
        "timeout 300",
    ):
        assert line in config
    assert [line for line in config if line.startswith("client-output")] == [
        "client-output-buffer-limit normal 0 0 0",
        "client-output-buffer-limit pubsub 8mb 2mb 60",
    ]
    assert "appendfsync everysec" not in config


def test_nothing_else_listens(host):
    assert {s for s in host.socket.get_listening_sockets() if ":63" in s or ":70" in s} == {"tcp://0.0.0.0:7000"}
    assert host.service(UNIT).is_running

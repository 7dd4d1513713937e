"""What must hold between any two hosts of a scenario: a module of its tests takes these over."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from topology import GROUPS, HOSTS, INVENTORY, PROJECT, inside
from wire import BETWEEN, CA, SSL_REQUEST, WITHIN, answer, other_authority, overheard

sys.path.insert(0, str(PROJECT / "plugins/module_utils"))

from host_certificates import authority_certificate, authority_key

WEB, POSTGRES, RABBITMQ, REDIS = (GROUPS[group][0] for group in ("web", "postgres", "rabbitmq", "redis"))
AMQP, PING, HTTP = b"AMQP\0\0\x09\x01", b"PING\r\n", b"GET / HTTP/1.0\r\n\r\n"
STARTUP = b"\0\0\0\x25\0\x03\0\0user\0garden\0database\0garden\0\0"
MARK = "a-word-that-nobody-else-says"
#: To host, port, what a client says there, what it says before TLS, and what it hears then.
SERVERS = {
    "postgres": (POSTGRES, 5432, STARTUP, SSL_REQUEST, "SCRAM-SHA-256"),
    "rabbitmq": (RABBITMQ, 5671, AMQP, "", "RabbitMQ"),
    "rabbitmq's pages": (RABBITMQ, 15671, HTTP, "", "HTTP/1."),
    "redis": (REDIS, 6381, PING, "", "NOAUTH"),
}
PROGRAM = f"""
import django
django.setup()
from django.core.cache import cache
from django.db import connection
from config.celery import app
cache.set("wire", {MARK!r}, 5)
assert cache.get("wire") == {MARK!r}
connection.cursor().execute("SELECT %s", [{MARK!r}])
with app.connection_for_write() as broker:
    broker.Producer().publish({{"said": {MARK!r}}}, exchange="", routing_key="nowhere")
"""


def say_the_mark(host: str) -> None:
    """Have a program of the application say it to the database, the cache and the broker."""
    argv = ["docker", "exec", "--interactive", host, "/srv/garden/current/run", "python", "-"]
    done = subprocess.run(argv, input=PROGRAM, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_speaks_tls_to_other_hosts(server):
    to, port, words, begin, heard = SERVERS[server]
    assert heard in answer(WEB, to, port, words, ca=CA, begin=begin)


@pytest.mark.parametrize("server", SERVERS)
def test_a_client_that_does_not_trust_the_authority_refuses_the_server(server):
    to, port, words, begin, _ = SERVERS[server]
    other = other_authority(WEB, authority_certificate(authority_key("another")))
    assert answer(WEB, to, port, words, ca=other, begin=begin) == "SSLCertVerificationError"


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_refuses_who_speaks_no_tls(server):
    to, port, words, _, heard = SERVERS[server]
    said = answer(WEB, to, port, words)
    assert heard not in said
    assert server != "postgres" or "no encryption" in said


@pytest.mark.parametrize("port", [5672, 15672])
def test_the_brokers_plain_ports_are_on_loopback_alone(port):
    listening = {line.split()[3] for line in inside(RABBITMQ, "ss", "-ltnH").splitlines()}
    assert [place for place in listening if place.endswith(f":{port}")] == [f"127.0.0.1:{port}"]


def test_what_programs_say_is_not_heard_between_hosts():
    """It is on their own host, where HAProxy takes it: so the ear hears."""
    with overheard(WEB, BETWEEN, MARK) as between, overheard(WEB, WITHIN, MARK) as within:
        say_the_mark(WEB)
    assert within[1] >= 2, within
    assert between[0] > 20 and between[1] == 0, between


def test_programs_take_nothing_for_the_database_but_a_host_that_the_authority_knows():
    environment = inside(WEB, "cat", "/etc/cloche/garden.env")
    assert f"?sslmode=verify-full&sslrootcert={CA}" in environment


def test_keys_are_on_hosts_with_servers_alone_and_only_servers_read_them():
    for host in HOSTS:
        serves = any(host in GROUPS[group] for group in ("postgres", "rabbitmq", "redis"))
        keys = inside(host, "find", "/etc/cloche/tls", "-name", "*.key", "-printf", "%f %u %m\n").splitlines()
        assert bool(keys) is serves
        assert [line for line in keys if line != "{0}.key {0} 400".format(line.split()[1])] == []


def test_status_tells_when_the_certificate_expires():
    command = [PROJECT / "bin/play", INVENTORY, "status", "-e", "format=json"]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout)
    rows = [row for host in said["hosts"].values() for row in host["certificates"]]
    left = [row["seconds"] // 86400 for row in rows if row["path"] == "/etc/cloche/tls/host.pem"]
    assert left and set(left) == {364}, rows

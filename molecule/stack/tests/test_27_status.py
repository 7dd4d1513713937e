"""`make status` and `make maintenance`: what is broken is shown, and what is shut is shut."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from stack import HOST, HOSTILE, PRIVATE, docker, play, until

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "redis"]
CERTIFICATE = "/etc/nginx/tls/certificate.pem"


def status(*arguments: str) -> dict[str, Any]:
    """Return the document of `make status`; its exit code and its level must say the same."""
    result = play("status", "-e", "format=json", *arguments, callback="answer")
    document = json.loads(result.stdout)
    assert (result.returncode == 0) == (document["level"] != "red"), result.stderr
    for secret in (PRIVATE / "secrets").iterdir():
        assert secret.read_text(encoding="utf-8").strip() not in result.stdout + result.stderr
    return document


def raised(document: dict[str, Any], host: str = HOST) -> set[tuple[str, str, str]]:
    """Return what is neither ok nor neutral: kind, name, level."""
    found = document["hosts"][host]
    entries = ((kind, entry) for kind, those in found.items() if isinstance(those, list) for entry in those)
    return {
        (kind, name_of(entry), entry["level"]) for kind, entry in entries if entry["level"] not in {"ok", "neutral"}
    }


def name_of(entry: dict[str, Any]) -> str:
    keys = [key for key in ("application", "name", "path", "part") if entry.get(key)]
    return " ".join(entry[key] for key in keys)


def in_time(host, wanted: set[tuple[str, str, str]], seconds: float) -> None:
    """Fail unless exactly this is raised within the time; the broker's figures are up to five seconds old."""
    until(lambda: raised(status()), lambda seen: seen == wanted, seconds)


def test_all_is_well(host):
    in_time(host, set(), 30)
    found = status()["hosts"][HOST]
    expected = {"services": 9, "releases": 2, "programs": 8, "certificates": 1, "disk": 1, "memory": 1}
    assert {kind: len(found[kind]) for kind in expected} == expected
    assert {queue["application"] for queue in found["queues"]} == {"garden", "orchard"}


def test_check_mode_tells_the_same():
    assert status("--check")["level"] == "ok"


@pytest.fixture
def restored(host):
    """Take the commands that bring back what a test has broken."""
    undo: list[str] = []
    yield undo.append
    for command in undo:
        host.check_output(command)
    in_time(host, set(), 60)


def test_a_stopped_worker_and_a_stopped_redis(host, restored):
    worker = host.check_output("supervisorctl status | awk '/^garden-worker-slow/ {print $1}'")
    restored(f"supervisorctl start {worker}")
    restored("systemctl start redis-server@orchard-cache")
    host.check_output(f"supervisorctl stop {worker} && systemctl stop redis-server@orchard-cache")
    wanted = {
        ("services", "redis-server@orchard-cache", "red"),
        ("programs", "garden-worker-slow", "red"),
        ("queues", "garden slow", "red"),
    }
    in_time(host, wanted, 30)


def test_parked_messages_and_a_certificate_that_expires_soon(garden, restored):
    """The certificate in the file is another one; nginx does not load it meanwhile."""
    restored("rabbitmqctl -q purge_queue --vhost garden dead-letter")
    restored(f"mv {CERTIFICATE}.kept {CERTIFICATE}")
    message = {"properties": {}, "routing_key": "dead-letter", "payload": "x", "payload_encoding": "string"}
    operator = HOSTILE + (PRIVATE / "secrets/operator").read_text(encoding="utf-8").strip()
    answer = garden.request(
        "POST", "/rabbitmq/api/exchanges/garden/amq.default/publish", json=message,
        auth=(b"operator", operator.encode()),
    )  # fmt: skip
    assert answer.json() == {"routed": True}, answer.text
    replace_certificate(days=5)
    wanted = {("certificates", CERTIFICATE, "red"), ("queues", "garden dead-letter", "yellow")}
    until(lambda: raised(status()), wanted.__eq__, 30)


def replace_certificate(days: int) -> None:
    request = f"openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=x -days {days}"
    docker("exec", HOST, "sh", "-c", f"cp -a {CERTIFICATE} {CERTIFICATE}.kept && {request} > {CERTIFICATE}")


def test_a_host_that_cannot_be_reached_is_named_and_the_others_are_shown():
    document = status("-i", "nowhere,")
    assert {name: found["level"] for name, found in document["hosts"].items()} == {HOST: "ok", "nowhere": "red"}


@pytest.fixture
def maintenance():
    """Return a function that turns orchard's maintenance on or off; off in the end."""

    def run(state: str, *arguments: str) -> str:
        given = ("-e", f"maintenance_state={state}", "-e", "maintenance_application=orchard", *arguments)
        result = play("maintenance", *given)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    yield run
    run("off")


def test_maintenance_of_one_application(host, garden, orchard, maintenance):
    """It stays through a second time, shows, and leaves nothing behind; the other application serves."""
    before = host.check_output("find /etc/nginx -type f -exec md5sum {} +")
    maintenance("on")
    until(orchard.ready, lambda answered: answered == 503, 5)
    answer = orchard.request("GET", "/")
    assert (answer.headers["retry-after"], "Under maintenance" in answer.text) == ("300", True)
    assert garden.ready() == 200
    assert raised(status()) == {("maintenance", "orchard", "yellow")}
    assert set(re.findall(r"changed=(\d+)", maintenance("on"))) == {"0"}
    maintenance("on", "-e", "maintenance_health=1")
    until(orchard.ready, lambda answered: answered == 200, 5)
    assert orchard.request("GET", "/").status_code == 503
    maintenance("off")
    until(lambda: orchard.request("GET", "/").status_code, lambda answered: answered == 200, 5)
    assert host.check_output("find /etc/nginx -type f -exec md5sum {} +") == before

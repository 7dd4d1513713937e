"""The parts of preflight that look at the controller's ports and at a host's answer."""

from __future__ import annotations

import socket

import pytest
from conftest import plugin

ports = plugin("module_utils/container_ports")
problems = plugin("filter/problems")
LAB = {"Names": ["/lab"], "Ports": [{"IP": "127.0.0.1", "PrivatePort": 443, "PublicPort": 8443, "Type": "tcp"}]}
WANTED = {"lab": ["127.0.0.1:8443:443"]}


@pytest.mark.parametrize(
    ("entry", "port"),
    [
        ("127.0.0.1:8443:443", ("127.0.0.1", 8443, "tcp")),
        ("8080:80", ("0.0.0.0", 8080, "tcp")),
        ("53:53/udp", ("0.0.0.0", 53, "udp")),
        ("[::1]:8443:443", ("::1", 8443, "tcp")),
    ],
)
def test_a_published_port_is_understood(entry, port):
    assert ports.parse(entry) == port


@pytest.mark.parametrize("entry", ["443", "localhost:8443:443", "0:80", "70000:80", "8443:443/sctp", None])
def test_what_is_no_published_port_is_a_problem(entry):
    found = ports.problems({"lab": [entry]}, {}, lambda port: True)
    assert found == [
        {
            "variable": "container.ports of lab",
            "value": str(entry),
            "remedy": "write it as [address:]port:port, with a port of the controller first",
        }
    ]


def test_the_hosts_own_container_may_hold_the_port():
    """A second `make up` finds the lab running."""
    assert ports.problems(WANTED, ports.published([LAB]), lambda port: False) == []


def test_a_foreign_container_is_named():
    found = ports.problems(WANTED, ports.published([LAB | {"Names": ["/shop"]}]), lambda port: True)
    assert found[0]["remedy"] == "in use on the controller by the container shop; stop that, or choose another port"


def test_two_hosts_do_not_share_a_port():
    found = ports.problems({"one": ["8443:443"], "two": ["8443:443"]}, {}, lambda port: True)
    assert [(p["variable"], p["remedy"]) for p in found] == [
        ("container.ports of two", "host one publishes it, too; choose another")
    ]


def test_a_port_that_a_process_holds_cannot_be_bound():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        number = held.getsockname()[1]
        assert not ports.can_bind(("127.0.0.1", number, "tcp"))
        assert ports.can_bind(("127.0.0.1", number, "udp"))
    assert ports.can_bind(("127.0.0.1", number, "tcp"))


@pytest.mark.parametrize("system", ["debian 12", "debian 13"])
def test_a_supported_host_with_space_has_no_problem(system):
    assert problems.host_problems(f"{system}\n4096\n", "lab", 2048) == []


@pytest.mark.parametrize("system", ["debian 11", "debian 14", "ubuntu 24.04", "debian ", "alpine 3.20", ""])
def test_other_systems_are_refused(system):
    (found,) = problems.host_problems(f"{system}\n4096\n", "lab", 2048)
    assert found["variable"] == "host lab: system"
    assert found["value"] == (system.strip() or "(unknown)")


@pytest.mark.parametrize(("free", "value"), [("2047", "2047"), ("", "(unknown)"), ("df: error", "df: error")])
def test_a_full_disk_is_refused(free, value):
    (found,) = problems.host_problems(f"debian 13\r\n{free}\r\n", "lab", 2048)
    assert (found["variable"], found["value"]) == ("host lab: free MiB on /", value)
    assert "at least 2048 MiB" in found["remedy"]


NOTED = [{"service": "RabbitMQ", "group": "rabbitmq", "members": ["a", "b", "c"]}]


@pytest.mark.parametrize("known", ["", "RabbitMQ a\nRabbitMQ b\nRabbitMQ c", "Redis d", "RabbitMQ a"])
def test_a_cluster_that_keeps_its_members_has_no_problem(known):
    assert problems.membership_problems(f"debian 13\n4096\n{known}\n", "one", NOTED) == []


@pytest.mark.parametrize(("members", "value"), [([], "one host"), (["a", "b", "x"], "a, b, x")])
def test_a_cluster_that_loses_a_member_is_refused(members, value):
    noted = [NOTED[0] | {"members": members}]
    (found,) = problems.membership_problems("debian 13\r\n4096\r\nRabbitMQ a\r\nRabbitMQ c\r\n", "one", noted)
    assert (found["variable"], found["value"]) == ("host one: group rabbitmq", value)
    assert found["remedy"].startswith("RabbitMQ has a, c as members on this host")
    assert "docs/runbooks/fewer-hosts.md" in found["remedy"]


def test_problems_are_printed_one_a_line():
    """The number first: whoever reads the last lines of a log sees how many are above."""
    text = problems.problem_lines([{"variable": "a", "value": "1", "remedy": "b"}] * 2)
    assert text == "2 to correct; nothing was changed\n  a = 1: b\n  a = 1: b"

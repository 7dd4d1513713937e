"""Programs reach the member that serves, and are freed of one that does not any more."""

import time

import pytest

SERVICES = ["haproxy"]
ASK = """
import socket, sys
port, seconds, greeting = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "greet"
with socket.create_connection(("127.0.0.2", port), 5) as connection:
    connection.settimeout(seconds)
    file = connection.makefile("rwb", 0)
    if greeting:
        file.write(b"AMQP\\0\\0\\x09\\x01")
        file.read(3)
    file.write(b"WHO\\n")
    print(file.readline().decode().strip())
"""
STATES = """
import socket
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("/run/haproxy/admin.sock")
    connection.sendall(b"show stat\\n")
    print(connection.makefile().read())
"""
#: Members that speak TLS, and the only one of them that shows a certificate for its name.
BY_TLS, KNOWN = ("rabbitmq-3", "rabbitmq-4", "rabbitmq-5"), "rabbitmq-5"
PORTS = {"rabbitmq": 5672, "postgres": 5432, "redis": 6381}
REAL = {"rabbitmq": (7001, 7002), "postgres": (7003, 7004), "redis": (7005, 7006)}


@pytest.fixture(autouse=True)
def members(host):
    """Return a function that says what a member answers; at first each first one leads and each second follows."""

    def say(name: str, state: str) -> None:
        host.check_output(f"mkdir -p /run/members && echo {state} > /run/members/{name}")

    for kind in PORTS:
        say(f"{kind}-1", "leads")
        say(f"{kind}-2", "leads" if kind == "rabbitmq" else "follows")
        host.check_output(f"systemctl kill -s CONT 'member@{kind}-1:{REAL[kind][0]}'")
    for kind in PORTS:
        assert reached(host, kind, f"{kind}-1")
    return say


def ask(host, kind: str, seconds: float = 2) -> str:
    """Return the name of the member that a program reaches, or "" where none answers in time."""
    greeting = "greet" if kind == "rabbitmq" else "no"
    return host.run("python3 -c %s %s %s %s", ASK, str(PORTS[kind]), str(seconds), greeting).stdout.strip()


def reached(host, kind: str, name: str, seconds: float = 8) -> bool:
    """Wait until programs reach a member; "" for none."""
    deadline = time.monotonic() + seconds
    while ask(host, kind) != name:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@pytest.mark.parametrize("kind", PORTS)
def test_a_program_reaches_the_member_that_serves(host, members, kind):
    """A leader that becomes another is followed."""
    members(f"{kind}-2", "leads")
    members(f"{kind}-1", "follows")
    assert reached(host, kind, f"{kind}-2")


@pytest.mark.parametrize("kind", PORTS)
def test_a_client_of_a_paused_member_is_freed(host, members, kind):
    """It waits for an answer that does not come: without its connection ended it would as long as the pause lasts."""
    members(f"{kind}-2", "leads")
    host.check_output(f"systemctl kill -s STOP 'member@{kind}-1:{REAL[kind][0]}'")
    begun = time.monotonic()
    assert ask(host, kind, 30) in {"", f"{kind}-2"}
    assert time.monotonic() - begun < 8
    assert reached(host, kind, f"{kind}-2")


def test_a_master_that_nobody_follows_is_none(host, members):
    """It comes back from a fault and does not know yet that there is another."""
    members("redis-1", "alone")
    assert reached(host, "redis", "")
    members("redis-2", "leads")
    assert reached(host, "redis", "redis-2")


def test_without_a_leader_nothing_is_reached(host, members):
    """A replica would answer, and refuse what is written."""
    members("postgres-1", "follows")
    assert reached(host, "postgres", "")


def test_it_listens_where_it_was_told_alone(host):
    listening = host.check_output("ss -ltnpH | grep haproxy | awk '{print $4}'").split()
    assert sorted(listening) == ["127.0.0.2:5432", "127.0.0.2:5671", "127.0.0.2:5672", "127.0.0.2:6381"]


def test_the_password_is_for_haproxy_alone(host):
    file = host.file("/etc/haproxy/haproxy.cfg")
    assert (file.user, file.group, file.mode) == ("root", "haproxy", 0o640)


def test_killed_it_comes_back(host, members):
    host.check_output("systemctl kill -s KILL haproxy")
    assert reached(host, "rabbitmq", "rabbitmq-1")


def test_a_new_configuration_ends_connections_of_before(host):
    """The process of before looks at no member any more, so that it must not keep programs for ever."""
    hold = 'import socket; c = socket.create_connection(("127.0.0.2", 5672)); c.settimeout(30); assert c.recv(1) == b""'
    begun = time.monotonic()
    host.check_output(f"python3 -c '{hold}' & sleep 1; systemctl reload haproxy; wait $!")
    assert 1 < time.monotonic() - begun < 15


def test_a_member_that_shows_no_certificate_for_its_name_is_none(host, members):
    """Neither one of another authority, nor of ours for somebody else: whatever they say, nobody is led there."""
    for name in BY_TLS:
        members(name, "leads")
    asked = f"python3 -c '{STATES}'"
    deadline = time.monotonic() + 10
    while True:
        rows = [line.split(",") for line in host.check_output(asked).splitlines() if line.startswith("by-tls,rabbitmq")]
        found = {row[1]: row[17].split()[0] for row in rows}
        if found == {"rabbitmq-3": "DOWN", "rabbitmq-4": "DOWN", KNOWN: "UP"}:
            break
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    script = ASK.replace("sys.argv[1]", '"5671"')
    assert host.check_output("python3 -c %s 0 2 greet", script) == KNOWN

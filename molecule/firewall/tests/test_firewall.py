"""What is named comes in, nothing else does, and what others have filtered stays."""

import pytest
import testinfra

SERVICES = ["nftables"]
PORTS = range(8001, 8006)
KNOCK = "python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).recv(1)' %s %s"
LISTEN = (
    "import selectors, socket, sys\n"
    "chosen = selectors.DefaultSelector()\n"
    "for port in map(int, sys.argv[1:]):\n"
    "    chosen.register(socket.create_server(('', port)), selectors.EVENT_READ)\n"
    "while True:\n"
    "    for key, _ in chosen.select():\n"
    "        key.fileobj.accept()[0].sendall(b'x')\n"
)


@pytest.fixture(scope="module")
def hosts():
    """Return the host behind the wall, on which something listens on every port, and the one before it."""
    inside, outside = (testinfra.get_host(f"docker://{name}") for name in ("wall", "peer"))
    ports = " ".join(map(str, PORTS))
    inside.check_output(f"systemd-run --unit=listening python3 -c %s {ports}", LISTEN)
    yield inside, outside
    inside.check_output("systemctl stop listening")


@pytest.fixture(scope="module")
def knock(hosts):
    """Return a function that says whether a port of the wall lets its peer in."""
    inside, outside = hosts
    address = inside.check_output("hostname -I").split()[0]
    return lambda port: outside.run(KNOCK, address, str(port)).rc == 0


@pytest.mark.parametrize(("port", "comes_in"), [(8001, True), (8002, True), (8003, False), (8004, True), (8005, False)])
def test_a_port_lets_in_whom_its_door_names(knock, port, comes_in):
    assert knock(port) is comes_in


@pytest.mark.parametrize("port", PORTS)
def test_the_host_reaches_its_own_ports(hosts, port):
    inside, _ = hosts
    address = inside.check_output("hostname -I").split()[0]
    for own in ("127.0.0.1", address):
        assert inside.run(KNOCK, own, str(port)).rc == 0


def test_what_the_host_sends_is_answered(hosts):
    inside, outside = hosts
    outside.check_output("systemd-run --unit=listening python3 -c %s 9001", LISTEN)
    try:
        assert inside.run(KNOCK, outside.check_output("hostname -I").split()[0], "9001").rc == 0
    finally:
        outside.check_output("systemctl stop listening")


def test_it_comes_back_at_boot(hosts):
    inside, _ = hosts
    assert inside.service("nftables").is_enabled


def test_tables_of_others_outlive_a_reload(hosts, knock):
    inside, _ = hosts
    inside.check_output("nft add table inet others")
    inside.check_output("systemctl reload nftables")
    assert "table inet others" in inside.check_output("nft list tables")
    assert not knock(8005)

"""`make status` says who has the address and which web hosts the balancers use; web hosts serve nobody else."""

import subprocess

from behind import ADDRESS, BALANCERS, WEB, play, status, until_whole
from topology import HOSTS, inside


def test_the_balancers_and_what_they_see():
    until_whole()
    seen = status()
    assert [seen[host]["addresses"][0]["here"] for host in BALANCERS].count(True) == 1
    for host in BALANCERS:
        states = {entry["host"]: entry["state"] for entry in seen[host]["web_hosts"]}
        assert states == dict.fromkeys(WEB, "ready")
        units = {entry["name"]: entry["state"] for entry in seen[host]["services"]}
        assert units == {"balancer": "active", "keepalived": "active"}
        assert [entry["path"] for entry in seen[host]["certificates"]] == ["/etc/haproxy/tls/certificate.pem"]
    assert all(found["level"] != "red" for found in seen.values())


def test_only_balancers_reach_a_web_host():
    knock = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"
    for port in ("443", "80"):
        refused = subprocess.run(
            ["docker", "exec", "mb-data", "python3", "-c", knock, HOSTS[WEB[0]]["address"], port],
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        assert refused.returncode != 0
    inside(BALANCERS[1], "python3", "-c", knock, HOSTS[WEB[0]]["address"], "443")


def test_an_address_that_is_taken_or_elsewhere_is_refused():
    for address, words in [(HOSTS[WEB[0]]["address"], f"{WEB[0]} has it"), ("192.0.2.1", "moves within a network")]:
        run = play("preflight", f"balancer_address={address}")
        assert run.returncode != 0
        assert words in run.stdout + run.stderr
    assert ADDRESS not in {host["address"] for host in HOSTS.values()}

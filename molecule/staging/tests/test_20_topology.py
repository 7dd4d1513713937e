"""Each host runs what its groups say, and serves the others on the one network they share, and nobody else."""

import subprocess
import time

import httpx
import pytest
from topology import ALL, GROUPS, HOSTS, INVENTORY, PRIVATE, PROJECT, inside, programs, published

pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")

SERVICES = {"postgres": {5432}, "rabbitmq": {5671, 15671}, "redis": {6380, 6381}}


def listening(host: str) -> set[tuple[str, int]]:
    """Return (address, port) of what listens on a host, without ssh and the engine's own resolver."""
    found = {line.split()[3].rpartition(":")[::2] for line in inside(host, "ss", "-ltnH").splitlines()}
    return {(address, int(port)) for address, port in found if port != "22" and address != "127.0.0.11"}


@pytest.mark.parametrize("group", SERVICES)
def test_a_service_listens_on_its_network_alone(group):
    """Neither on every address, which a second network would reach, nor on loopback alone."""
    (host,) = GROUPS[group]
    address = HOSTS[host]["address"]
    open_ports = {port for where, port in listening(host) if where == address}
    assert open_ports == SERVICES[group]
    assert {where for where, _ in listening(host)} <= {address, "127.0.0.1"}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_runs_what_its_groups_say(host):
    wanted = {"web": ["web"], "worker": ["worker", "worker"], "beat": ["beat"], "flower": ["flower"]}
    expected = sorted(kind for group, kinds in wanted.items() if host in GROUPS[group] for kind in kinds)
    if expected:
        assert programs(host) == expected
    else:
        assert inside(host, "sh", "-c", "command -v supervisord nginx || true") == ""


def test_there_is_one_beat():
    assert [programs(host).count("beat") for host in GROUPS["worker"] + GROUPS["web"]].count(1) == 1


def test_every_host_has_a_key_of_its_own():
    """They are made from one image, which has keys as well: whoever had one of them could pass for all."""
    keys = [line.split()[2] for line in (PRIVATE / "ssh/known_hosts").read_text().splitlines()]
    assert len(set(keys)) == len(keys) == len(HOSTS)


def ready(host: str) -> int:
    """Return the status of /readyz on a web host; 0 while it does not answer."""
    try:
        return httpx.get(f"https://localhost:{published(host, 443)}/readyz", verify=str(PRIVATE / "ca.crt")).status_code
    except httpx.TransportError:
        return 0


def test_hosts_are_found_again_after_a_restart():
    """By ssh under the same port and key, by the others under the same address, whatever the order of the starts."""
    restarted = [*GROUPS["redis"], GROUPS["web"][1]]
    subprocess.run(["docker", "stop", *restarted], check=True, capture_output=True, timeout=120)
    subprocess.run(["docker", "start", *reversed(restarted)], check=True, capture_output=True, timeout=60)
    deadline = time.monotonic() + 60
    while (answers := [ready(host) for host in GROUPS["web"]]) != [200, 200]:
        assert time.monotonic() < deadline, answers
        time.sleep(0.5)
    ping = ["ansible", "-i", str(INVENTORY), ",".join(restarted), "-b", "-m", "ansible.builtin.ping"]
    run = subprocess.run(ping, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr

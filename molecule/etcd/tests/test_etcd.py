"""Three members agree, go on without one, and take a fresh one for a lost one."""

import os
import subprocess
from pathlib import Path

import testinfra
from polling import until

SERVICES = ["etcd"]
SCENARIO = Path(__file__).resolve().parents[1]
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
HOSTS = ("etcd-1", "etcd-2", "etcd-3")


def at(name: str):
    return testinfra.get_host(f"docker://{name}")


def members(name: str) -> list[str]:
    """Return the names of the members that have started, as one of them tells."""
    told = at(name).check_output("etcdctl member list").splitlines()
    return sorted(line.split(", ")[2] for line in told if line.split(", ")[1] == "started")


def test_all_are_members():
    assert [members(name) for name in HOSTS] == [list(HOSTS)] * 3


def test_clients_are_those_of_the_host_alone():
    listening = at("etcd-1").check_output("ss -ltnH | awk '{print $4}'").split()
    assert [place for place in listening if place.endswith(":2379")] == ["127.0.0.1:2379"]
    (peers,) = [place for place in listening if place.endswith(":2380")]
    assert not peers.startswith(("127.", "0.", "*"))


def answers(name: str) -> None:
    """Wait until clients of a member are served, which it begins some moments after systemd calls it started."""
    until(lambda: at(name).run("etcdctl endpoint health").rc, lambda code: code == 0, 20)


def converged(*options: str) -> None:
    run = subprocess.run(
        ["ansible-playbook", "-i", INVENTORY, *options, SCENARIO / "converge.yml"],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


def test_killed_it_comes_back():
    at("etcd-2").check_output("systemctl kill --signal=KILL etcd")
    answers("etcd-2")


def test_a_member_without_data_takes_the_place_of_the_one_before():
    """What was written is on it again, and nobody else was restarted."""
    at("etcd-1").check_output("etcdctl put promise kept")
    at("etcd-3").check_output("systemctl stop etcd && rm -r /var/lib/etcd/default")
    at("etcd-2").check_output("etcdctl put while away")
    before = [at(name).check_output("systemctl show -P MainPID etcd") for name in HOSTS[:2]]
    converged()
    answers("etcd-3")
    assert [members(name) for name in HOSTS] == [list(HOSTS)] * 3
    found = [at("etcd-3").check_output(f"etcdctl get --print-value-only {key}") for key in ("promise", "while")]
    assert found == ["kept", "away"]
    assert [at(name).check_output("systemctl show -P MainPID etcd") for name in HOSTS[:2]] == before


def test_members_that_know_nothing_of_tls_are_told_of_it():
    """What was written stays; from then on nobody gets in without a certificate, neither members nor clients."""
    converged("-e", "{by_tls: true}")
    place = "/etc/cloche/tls"
    ask = f"etcdctl --endpoints https://127.0.0.1:2379 --cacert {place}/ca.pem"
    known = f"{ask} --cert {place}/host.pem --key {place}/etcd.key"
    for name in HOSTS:
        until(lambda name=name: at(name).run(f"{known} endpoint health").rc, lambda code: code == 0, 20)
        assert at(name).check_output(f"{known} get --print-value-only promise") == "kept"
        assert at(name).check_output(f"{known} member list").count(", started, ") == len(HOSTS)
        assert "http://" not in at(name).check_output(f"{known} member list")
        assert at(name).run(f"{ask} get promise").rc != 0

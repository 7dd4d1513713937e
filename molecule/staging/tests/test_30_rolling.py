"""A release goes from host to host under load; a bad one stops at the first."""

import os
import subprocess
import sys
import time

import pytest
from topology import ALL, GROUPS, INVENTORY, PRIVATE, PROJECT, inside, published

sys.path.insert(0, str(PROJECT / "tests"))

from load import verdict
from load.plan import Plan
from load.process import Load

WEB, APPLICATION = GROUPS["web"], [*GROUPS["web"], *GROUPS["worker"]]


def deploy(*extra: str) -> subprocess.CompletedProcess[str]:
    """Deploy over ssh, as the inventory says, with further variables."""
    # Elsewhere the controller is another machine: here it must not take what the hosts need to serve.
    command = ["nice", "-n", "10", "ansible-playbook", "-i", str(INVENTORY), str(PROJECT / "playbooks/deploy.yml")]
    return subprocess.run(
        [*command, *(part for value in extra for part in ("-e", value))], cwd=PROJECT, env=os.environ,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def live(host: str) -> str:
    """Return the id of the live release of a host."""
    return inside(host, "readlink", "/srv/garden/current").strip().rpartition("/")[2]


def running(host: str) -> dict[str, str]:
    """Return the programs of a host that run, each with its process id."""
    lines = [line.split() for line in inside(host, "sh", "-c", "supervisorctl status || true").splitlines()]
    return {words[0]: words[3].rstrip(",") for words in lines if words[1] == "RUNNING"}


def settled(host: str) -> dict[str, str]:
    """Return what runs on a host once nothing there is starting any more."""
    deadline = time.monotonic() + 30
    while "STARTING" in inside(host, "sh", "-c", "supervisorctl status || true"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return running(host)


def load(path) -> Load:
    """Return the load of the promise, taking turns between the web hosts."""
    urls = tuple(f"https://localhost:{published(host, 443)}" for host in WEB)
    return Load(Plan(base_urls=urls, ca=str(PRIVATE / "ca.crt")), path)


def test_a_release_rolls_over_the_hosts_and_drops_nothing(tmp_path):
    before = live(WEB[0])
    asked = load(tmp_path / "samples.ndjson")
    asked.start()
    try:
        done = deploy("rolling_version=2")
    finally:
        asked.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdict.judge(asked.path)["dropped"] == []
    after = {live(host) for host in APPLICATION}
    assert len(after) == 1 and before not in after


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
def test_a_bad_release_stops_at_the_first_host(tmp_path):
    before = live(WEB[0])
    second = settled(WEB[1])
    asked = load(tmp_path / "samples.ndjson")
    asked.start()
    try:
        done = deploy("rolling_version=3", "rolling_health=/nowhere", "release_start_timeout=10")
    finally:
        asked.stop()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert f"on {WEB[0]}: " in said and "/nowhere is not healthy" in said, said
    assert verdict.judge(asked.path)["dropped"] == []
    assert {live(host) for host in APPLICATION} == {before}
    # The second was not even tried: the processes that served go on.
    assert running(WEB[1]) == second

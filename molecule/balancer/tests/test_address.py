"""One balancer has the address, and another one within seconds when it fails."""

import subprocess
import time
from itertools import pairwise

import pytest
from edge import ADDRESS, BALANCERS, CLIENT, client, command, fetch, holders, parsed, shell, states
from polling import until

LIMIT = 5  # seconds


def longest_gap(seconds: float, act) -> float:
    """Return the longest time without a page while something is done, in seconds."""
    watching = client("watch", ADDRESS, str(seconds))
    time.sleep(1.5)
    act()
    moments = [float(line) for line in watching.communicate(timeout=seconds + 30)[0].splitlines()]
    assert len(moments) > 2
    return max(after - before for before, after in pairwise(moments))


def engine(verb: str, host: str) -> None:
    subprocess.run(["docker", verb, host], check=True, capture_output=True, timeout=60)


@pytest.fixture(autouse=True)
def holder():
    """Return the one that has the address, once all is well; bring everything back afterwards."""
    for balancer in BALANCERS:
        until(lambda: states(balancer), lambda found: set(found.values()) == {"UP"}, 60)  # noqa: B023
    (name,) = until(holders, lambda found: len(found) == 1, 20)
    yield name
    subprocess.run(["docker", "start", *BALANCERS], check=True, capture_output=True, timeout=60)
    for balancer in BALANCERS:
        # What a test has stopped.
        until(lambda: shell(balancer, "systemctl start balancer keepalived && echo well"), bool, 30)  # noqa: B023


FAULTS = {
    "host killed": (lambda host: engine("kill", host), lambda host: engine("start", host)),
    "host paused": (lambda host: engine("pause", host), lambda host: engine("unpause", host)),
    "HAProxy stopped": (
        lambda host: shell(host, "systemctl kill --signal=STOP balancer"),
        lambda host: shell(host, "systemctl kill --signal=CONT balancer"),
    ),
    "keepalived stopped": (
        lambda host: shell(host, "systemctl stop keepalived"),
        lambda host: shell(host, "systemctl start keepalived"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_address_moves_and_stays(holder, fault):
    """Back again, the one that had it does not take it: each move ends connections.

    One that was paused never knew that it was away; of two that have it, the one with the higher priority keeps it.
    """
    begin, end = FAULTS[fault]
    (other,) = [name for name in BALANCERS if name != holder]
    try:
        assert longest_gap(10, lambda: begin(holder)) <= LIMIT
        assert f" {ADDRESS}/" in shell(other, "ip -oneline address")
    finally:
        end(holder)
    time.sleep(5)
    stays = [[other]] if fault != "host paused" else [[name] for name in BALANCERS]
    until(holders, lambda found: found in stays, 20)
    assert fetch("https://garden.test/").status == 200


def test_a_killed_haproxy_is_back(holder):
    """Whether here or at the other balancer: it starts in about the time that the address needs to move."""
    assert longest_gap(10, lambda: shell(holder, "systemctl kill --signal=KILL balancer")) <= LIMIT
    until(lambda: shell(holder, "systemctl is-active balancer || true"), lambda said: said == "active\n", 10)


def test_a_reload_drops_nothing(holder):
    """Neither a request under way nor one on a kept connection."""
    kept = client("kept", ADDRESS, "6")
    slow = subprocess.Popen(command("https://garden.test/slow/5"), stdout=subprocess.PIPE, text=True)
    for _ in range(4):
        time.sleep(1)
        shell(holder, "systemctl reload balancer")
    told, _ = kept.communicate(timeout=30)
    assert kept.returncode == 0, told
    # As many as it sends in a second where nothing else goes on.
    assert int(told) > 30
    assert parsed(slow.communicate(timeout=20)[0]).status == 200


def test_others_do_not_get_in(holder):
    """Who says that it has the address has to be a balancer."""
    rules = shell(holder, "nft list chain inet cloche input")
    (line,) = [line.strip() for line in rules.splitlines() if "l4proto" in line and "icmp" not in line]
    (other,) = [name for name in BALANCERS if name != holder]
    assert shell(other, "hostname -I").split()[0] in line
    assert CLIENT not in line

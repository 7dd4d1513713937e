"""A member of the broker that the others don't see serves no programs, and finds the others again, each time."""

import subprocess

import pytest
from drills.faults.members import AMONG_MEMBERS, CUT_OFF
from polling import until
from topology import GROUPS, HOSTS, inside

MEMBER = GROUPS["rabbitmq"][0]


def serves() -> bool:
    """Return whether programs of another host are answered."""
    connect = ["timeout", "3", "bash", "-c", f"</dev/tcp/{HOSTS[MEMBER]['address']}/5671"]
    asked = subprocess.run(["docker", "exec", GROUPS["worker"][0], *connect], capture_output=True, check=False)
    return asked.returncode == 0


def seen() -> int:
    """Return how many others it sees. Asks it alone: a question to all would connect them."""
    return int(inside(MEMBER, "rabbitmqctl", "--quiet", "eval", "length(nodes())."))


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_member_that_is_alone_serves_nobody_and_comes_back(time):
    until(seen, lambda others: others == 2, 30)
    assert serves()
    rules = CUT_OFF.format(ports=AMONG_MEMBERS)
    subprocess.run(["docker", "exec", "-i", MEMBER, "nft", "-f", "-"], input=rules, text=True, check=True)
    try:
        until(serves, lambda served: not served, 20)
    finally:
        inside(MEMBER, "nft", "delete", "table", "inet", "drill")
    until(seen, lambda others: others == 2, 30)
    until(serves, bool, 15)

"""A member of the broker that the others don't see serves no programs, and finds the others again, each time."""

import pytest
from drills.faults.members import BrokerLeaderApart
from drills.machine import Machine
from polling import until
from topology import GROUPS, HOSTS

MEMBER, WORKER = Machine(GROUPS["rabbitmq"][0]), Machine(GROUPS["worker"][0])


def serves() -> bool:
    """Return whether programs of another host are answered."""
    connect = f"timeout 3 bash -c '</dev/tcp/{HOSTS[MEMBER.name]['address']}/5671'"
    return WORKER.try_shell(connect).returncode == 0


def seen() -> int:
    """Return how many others it sees. Asks it alone: a question to all would connect them."""
    return int(MEMBER.shell("rabbitmqctl --quiet eval 'length(nodes()).'"))


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_member_that_is_alone_serves_nobody_and_comes_back(time):
    until(seen, lambda others: others == 2, 30)
    assert serves()
    fault = BrokerLeaderApart()
    fault.begin(MEMBER)
    try:
        until(serves, lambda served: not served, 20)
    finally:
        fault.end(MEMBER)
    until(seen, lambda others: others == 2, 30)
    until(serves, bool, 15)

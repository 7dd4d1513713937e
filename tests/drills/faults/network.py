"""What happens where packets get lost and nobody is told."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.faults.workers import HEARTBEAT, IN_FLIGHT
from drills.stack import Stack

_AMQP = 5672
#: Drops what goes to the broker or comes from it, but for the connections of those who are not cut off.
_RULES = """
table inet drill {{
    set spared {{ type inet_service; elements = {{ {spared} }} }}
    chain input {{
        type filter hook input priority -10;
        tcp dport {port} tcp sport != @spared drop
        tcp sport {port} tcp dport != @spared drop
    }}
}}
"""


class WorkerCutOff(Fault):
    """A worker's connections to the broker carry nothing in either direction, and new ones can't be made."""

    title = "a worker cut off from RabbitMQ for 90 s, half-open"
    hold = 90
    limits = Limits(
        duplicated=IN_FLIGHT, refusals=False, completed_after=2 * HEARTBEAT, caught_up_after=3 * HEARTBEAT
    )  # fmt: skip

    def prepare(self, stack: Stack) -> None:
        """Find the connections of all others: both ends are on one host, where only ports tell them apart."""
        machine = stack.one("worker")
        machine.install("nft", "nftables")
        [pid] = machine.programs("worker-default").values()
        listed = machine.shell(f"ss -Htnp state established dport = :{_AMQP}").splitlines()
        ports = {line.split()[2].rpartition(":")[2]: f"pid={pid}," in line for line in listed}
        assert True in ports.values(), f"the worker has no connection to cut off:\n{listed}"
        self.spared = sorted(port for port, cut in ports.items() if not cut)

    def inject(self, stack: Stack) -> None:
        """Drop the others' packets."""
        rules = _RULES.format(spared=", ".join(self.spared), port=_AMQP)
        stack.one("worker").shell("nft -f -", stdin=rules)

    def heal(self, stack: Stack) -> None:
        """Drop nothing."""
        stack.one("worker").try_shell("nft delete table inet drill")


FAULTS = [WorkerCutOff]

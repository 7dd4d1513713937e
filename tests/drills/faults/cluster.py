"""What happens when a host of several is gone, hangs or is cut off: others do its work, and it comes back."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable

from polling import until

from drills.fault import Fault, Limits
from drills.faults.workers import HEARTBEAT, IN_FLIGHT
from drills.machine import APP, Machine
from drills.stack import PROJECT, Stack

#: Seconds until a host that was lost is part of everything again, once it is back.
BACK = 120
PATRONI = "patronictl --config-file /etc/patroni/config.yml list --format json"
#: Drops what comes from other hosts but for the engine's own way in.
CUT_OFF = "table inet drill { chain input { type filter hook input priority -10; iif lo accept; drop; }; }"


class _Host(Fault):
    """A host fails at the fault's begin and is back ``away`` seconds later; figures of time are from its failure."""

    group: str
    away: float = 30

    def victim(self, stack: Stack) -> Machine:
        """Return the host that it happens to."""
        return stack.one(self.group)

    def begin(self, machine: Machine) -> None:
        """Make it fail: as by a loss of power, unless the fault says otherwise."""
        machine.engine("kill")

    def end(self, machine: Machine) -> None:
        """Let it come back."""
        machine.engine("start")

    def whole(self, stack: Stack) -> bool:
        """Return whether it is part of its service again."""
        return stack.is_whole()

    def inject(self, stack: Stack) -> None:
        """Find whom it happens to, and let it."""
        self.machine, self.gone = self.victim(stack), True
        self.failed = time.monotonic()
        self.begin(self.machine)

    def settled(self, stack: Stack) -> bool:
        """Whether it is back; it is let back in its time."""
        if self.gone and time.monotonic() - self.failed >= self.away:
            self._back()
        return not self.gone

    def check(self, stack: Stack) -> list[str]:
        """It is part of everything again, unaided."""
        if self.gone:
            self._back()
        try:
            until(lambda: self.whole(stack), bool, BACK)
        except AssertionError:
            return [f"{self.machine.name} was not part of it again within {BACK} s"]
        return []

    def _back(self) -> None:
        self.end(self.machine)
        self.gone = False


class _Paused(_Host):
    """A host hangs: nothing on it runs, and no connection is ended."""

    away = 60

    def begin(self, machine: Machine) -> None:
        """Pause it."""
        machine.engine("pause")

    def end(self, machine: Machine) -> None:
        """Let it go on, not knowing that it was away."""
        machine.engine("unpause")


class WorkerHostKilled(_Host):
    """With the tasks that it was working on."""

    title = "a whole worker host killed"
    group = "worker"
    needs = {"worker": 2}
    limits = Limits(duplicated=IN_FLIGHT, refusals=False, caught_up_after=2 * HEARTBEAT)


class WebHostKilled(_Host):
    """With the requests that it was answering."""

    title = "a web host killed"
    group = "web"
    needs = {"web": 2, "balancer": 1}
    #: Entries posted in the seconds until it is left out are refused at most.
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=10, caught_up_after=20)


class BalancerKilled(_Host):
    """The one that has the address."""

    title = "the balancer with the address killed"
    needs = {"balancer": 2}
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=5, caught_up_after=20)

    def victim(self, stack: Stack) -> Machine:
        """Return the one that has it."""
        shown = {machine: machine.shell("ip -oneline address") for machine in stack.all("balancer")}
        [holder] = [machine for machine, text in shown.items() if f" {stack.address}/" in text]
        return holder


class _Broker(_Host):
    """RabbitMQ's member that leads the queue."""

    needs = {"rabbitmq": 3}
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=15, completed_after=15, caught_up_after=60)

    def victim(self, stack: Stack) -> Machine:
        """Return the host of the member that leads the queue."""
        ask = f"rabbitmqctl --quiet list_queues --vhost {APP} name leader"
        rows = [line.split() for line in stack.one("rabbitmq").shell(ask).splitlines()]
        leader = next(row[1] for row in rows if row[0] == self.queue)
        return Machine(leader.partition("@")[2])

    def whole(self, stack: Stack) -> bool:
        """Return whether all members run again."""
        told = self.machine.try_shell("rabbitmqctl --quiet --timeout 10 cluster_status --formatter json")
        return told.returncode == 0 and len(json.loads(told.stdout)["running_nodes"]) == len(stack.all("rabbitmq"))


class BrokerLeaderKilled(_Broker):
    """Its whole host."""

    title = "RabbitMQ's leader killed"


class BrokerLeaderPaused(_Paused, _Broker):
    """It goes on a minute later, and finds that others lead."""

    title = "RabbitMQ's leader paused for 60 s"


class BrokerLeaderCutOff(_Broker):
    """It runs, alone, and serves nobody."""

    title = "RabbitMQ's leader cut off for 30 s"

    def begin(self, machine: Machine) -> None:
        """Drop what others send."""
        machine.shell("nft -f -", stdin=CUT_OFF)

    def end(self, machine: Machine) -> None:
        """Drop nothing."""
        machine.shell("nft delete table inet drill")


class BrokerRollingRestart(_Broker):
    """`make rolling-restart GROUP=rabbitmq`."""

    title = "a rolling restart of RabbitMQ"
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=15, caught_up_after=60)
    #: Seconds of the whole of it.
    bound = 600

    def inject(self, stack: Stack) -> None:
        """Run the verb to its end."""
        self.machine, self.gone = stack.one("rabbitmq"), False
        command = [PROJECT / "bin/play", stack.place, "rolling_restart", "-e", "rolling_group=rabbitmq"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=self.bound, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr


class RedisPrimaryKilled(_Host):
    """The instance that leads for state, with its host."""

    title = "Redis' primary killed"
    needs = {"redis": 3}
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=10, caught_up_after=30)

    def victim(self, stack: Stack) -> Machine:
        """Return the host whose instance is followed."""
        return next(machine for machine in stack.all("redis") if _connections(machine, ":6381", "established") > 1)

    def whole(self, stack: Stack) -> bool:
        """Return whether its instance is connected to whoever leads."""
        return stack.is_whole() and _connections(self.machine, ":6381", "established") > 0


class _Database(_Host):
    """PostgreSQL's leader."""

    needs = {"postgres": 3}
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=30, caught_up_after=60)

    def victim(self, stack: Stack) -> Machine:
        """Return its host."""
        return Machine(_member(stack.one("postgres"), lambda member: member["Role"] == "Leader"))

    def whole(self, stack: Stack) -> bool:
        """Return whether the old leader follows the new one."""
        name = self.machine.name
        return _member(self.machine, lambda m: m["Member"] == name and m["State"] == "streaming") == name


class DatabaseLeaderKilled(_Database):
    """Its whole host; back again it follows, though it has led."""

    title = "PostgreSQL's leader killed, and back as a replica"


class DatabaseLeaderPaused(_Paused, _Database):
    """It goes on, and must not write any more."""

    title = "PostgreSQL's leader paused for 60 s, and back as a replica"


def _member(machine: Machine, wanted: Callable[[dict[str, str]], bool]) -> str:
    """Return the member that is wanted, as Patroni on a host tells; "" for none."""
    told = machine.try_shell(PATRONI)
    members = json.loads(told.stdout) if told.returncode == 0 else []
    return next((member["Member"] for member in members if wanted(member)), "")


def _connections(machine: Machine, port: str, state: str) -> int:
    """Return how many connections of Redis' replication end at a port of the host."""
    listed = machine.try_shell(f"ss -Htn state {state} sport = {port} or dport = {port}").stdout
    return len(listed.splitlines())


FAULTS = [
    WorkerHostKilled, WebHostKilled, BalancerKilled, BrokerLeaderKilled, BrokerLeaderPaused, BrokerLeaderCutOff,
    BrokerRollingRestart, RedisPrimaryKilled, DatabaseLeaderKilled, DatabaseLeaderPaused,
]  # fmt: skip

"""What happens when a member of a cluster is gone, hangs or is cut off, with its host."""

from __future__ import annotations

import json
from collections.abc import Callable

from polling import until

from drills.fault import Limits
from drills.faults.hosts import LostHost, Paused
from drills.faults.workers import IN_FLIGHT
from drills.machine import APP, Machine
from drills.stack import Stack

PATRONI = "patronictl --config-file /etc/patroni/config.yml"
#: The workers of both hosts lose what is under way, as all of them are connected to the broker's same member.
UNDER_WAY = 2 * IN_FLIGHT
#: Has a queue, and what the broker knows of queues, led by the member that is asked.
LEAD = """
[ra:transfer_leadership({{Name, Node}}, {{Name, node()}})
    || Name <- [rabbitmq_metadata, {app}_{queue}], Node <- nodes()].
"""
#: Ports of members for each other, and for programs.
AMONG_MEMBERS, FOR_PROGRAMS = "4369, 25672, 35672-35682", "5671, 15671"
#: Drops what comes to ports from other hosts, and what they answer.
CUT_OFF = """
table inet drill {{
    chain input {{
        type filter hook input priority -10
        iif lo accept
        tcp dport {{ {ports} }} drop
        tcp sport {{ {ports} }} drop
    }}
}}
"""


class _NoDatabase(LostHost):
    """A host whose PostgreSQL is not missed: its own fail-over is another fault."""

    def prepare(self, stack: Stack) -> None:
        """Have PostgreSQL neither led nor followed there, where commits wait."""
        host, victim = stack.one("postgres"), self.victim(stack).name
        if _database_leader(host) == victim:
            host.shell(f"{PATRONI} switchover main --leader {victim} --candidate {_standby(host)} --force")
            until(lambda: _database_leader(host), lambda leader: leader not in ("", victim), 60)
        until(lambda: _standby(host), bool, 60)
        if _standby(host) == victim:
            host.shell(f"{PATRONI} restart main {victim} --force")
            until(lambda: _standby(host), lambda standby: standby not in ("", victim), 60)
        stack.until_whole()


class _Broker(_NoDatabase):
    """RabbitMQ's member that leads the queue."""

    needs = {"rabbitmq": 3}
    limits = Limits(duplicated=UNDER_WAY, accepted_after=15, completed_after=15, caught_up_after=60)

    def prepare(self, stack: Stack) -> None:
        """Have that member lead which programs are connected to: nothing worse can be lost."""
        members = stack.all("rabbitmq")
        served = max(members, key=lambda machine: _connections(machine, ":5671", "established"))
        served.shell(f"rabbitmqctl --quiet eval '{LEAD.format(app=APP, queue=self.queue)}'")
        until(lambda: self.victim(stack), lambda victim: victim == served, 30)
        super().prepare(stack)

    def victim(self, stack: Stack) -> Machine:
        """Return the host of the member that leads the queue."""
        ask = f"rabbitmqctl --quiet list_queues --vhost {APP} name leader"
        rows = [line.split() for line in stack.one("rabbitmq").shell(ask).splitlines()]
        leader = next(row[1] for row in rows if row[0] == self.queue)
        return Machine(leader.partition("@")[2])

    def whole(self, stack: Stack) -> bool:
        """Return whether it is connected to all others again."""
        # Not the cluster's status: to ask for that connects them.
        told = self.machine.try_shell("rabbitmqctl --quiet --timeout 10 eval 'length(nodes()).'")
        return told.stdout.strip() == str(len(stack.all("rabbitmq")) - 1)


class BrokerLeaderKilled(_Broker):
    """Its whole host."""

    title = "RabbitMQ's leader killed"


class BrokerLeaderPaused(Paused, _Broker):
    """It goes on a minute later, and finds that others lead."""

    title = "RabbitMQ's leader paused for 60 s"


class BrokerLeaderCutOff(_Broker):
    """It runs, alone, and serves nobody."""

    title = "RabbitMQ's leader cut off for 30 s"
    ports = f"{AMONG_MEMBERS}, {FOR_PROGRAMS}"

    def begin(self, machine: Machine) -> None:
        """Drop what others send."""
        machine.shell("nft -f -", stdin=CUT_OFF.format(ports=self.ports))

    def end(self, machine: Machine) -> None:
        """Drop nothing."""
        machine.shell("nft delete table inet drill")


class BrokerLeaderApart(BrokerLeaderCutOff):
    """Programs reach it, but the other members don't: it must not keep those that it can't serve."""

    title = "RabbitMQ's leader cut off from the other members for 30 s"
    ports = AMONG_MEMBERS


class BrokerRollingRestart(_Broker):
    """`make rolling-restart GROUP=rabbitmq`."""

    title = "a rolling restart of RabbitMQ"
    limits = Limits(duplicated=UNDER_WAY, accepted_after=15, caught_up_after=60)
    #: Seconds of the whole of it.
    bound = 600

    def inject(self, stack: Stack) -> None:
        """Run the verb to its end."""
        self.machine, self.gone = stack.one("rabbitmq"), False
        done = stack.play("rolling_restart", "-e", "rolling_group=rabbitmq", timeout=self.bound)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr


class RedisPrimaryKilled(_NoDatabase):
    """The instance that leads for state, with its host."""

    title = "Redis' primary killed"
    needs = {"redis": 3}
    limits = Limits(duplicated=UNDER_WAY, accepted_after=10, caught_up_after=30)

    def victim(self, stack: Stack) -> Machine:
        """Return the host whose instance is followed."""
        return next(machine for machine in stack.all("redis") if _connections(machine, ":6381", "established") > 1)

    def whole(self, stack: Stack) -> bool:
        """Return whether its instance is connected to whoever leads."""
        return stack.is_whole() and _connections(self.machine, ":6381", "established") > 0


class _Database(LostHost):
    """PostgreSQL's leader."""

    needs = {"postgres": 3}
    limits = Limits(duplicated=UNDER_WAY, accepted_after=30, caught_up_after=60)

    def victim(self, stack: Stack) -> Machine:
        """Return its host."""
        return Machine(_database_leader(stack.one("postgres")))

    def whole(self, stack: Stack) -> bool:
        """Return whether the old leader follows the new one."""
        name = self.machine.name
        return _member(self.machine, lambda m: m["Member"] == name and m["State"] == "streaming") == name


class DatabaseLeaderKilled(_Database):
    """Its whole host; back again it follows, though it has led."""

    title = "PostgreSQL's leader killed, and back as a replica"


class DatabaseLeaderPaused(Paused, _Database):
    """It goes on, and must not write any more."""

    title = "PostgreSQL's leader paused for 60 s, and back as a replica"


def _database_leader(machine: Machine) -> str:
    return _member(machine, lambda member: member["Role"] == "Leader")


def _standby(machine: Machine) -> str:
    return _member(machine, lambda member: member["Role"] == "Sync Standby")


def _member(machine: Machine, wanted: Callable[[dict[str, str]], bool]) -> str:
    """Return the member that is wanted, as Patroni on a host tells; "" for none."""
    told = machine.try_shell(f"{PATRONI} list --format json")
    members = json.loads(told.stdout) if told.returncode == 0 else []
    return next((member["Member"] for member in members if wanted(member)), "")


def _connections(machine: Machine, port: str, state: str) -> int:
    """Return how many connections in a state have a port at either end, this host at one."""
    listed = machine.try_shell(f"ss -Htn state {state} sport = {port} or dport = {port}").stdout
    return len(listed.splitlines())


FAULTS = [
    BrokerLeaderKilled, BrokerLeaderPaused, BrokerLeaderCutOff, BrokerLeaderApart, BrokerRollingRestart,
    RedisPrimaryKilled, DatabaseLeaderKilled, DatabaseLeaderPaused,
]  # fmt: skip

"""The hosts that are measured: one with the services, and some that are web and worker."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import yaml
from drills.ledger import psql
from drills.machine import APP, Machine
from provisioning.process import ROOT, BenchError, docker, run

QUEUE = "default"
_INVENTORY = Path(__file__).parent / "inventory"
_SCRIPT = Path(__file__).with_name("sending.py")
_PLACE = "/opt/bench"
#: Ticks of a second in which the kernel counts a process' time.
_TICKS = 100
_PROGRAMS = f"$(supervisorctl avail | grep -o '^{APP}-worker-[^ ]*')"
_OTHERS = f"$(supervisorctl avail | grep -oE '^{APP}-(beat|flower)-[^ ]*')"


@dataclass(frozen=True)
class Task:
    """When a task was sent, began and ended: epoch seconds."""

    sent: float
    began: float
    ended: float


class Hosts:
    """Those of bench/scaling/inventory; ``share`` is the part of a core that each web and worker host gets."""

    def __init__(self, share: float) -> None:
        topology = yaml.safe_load((_INVENTORY / "hosts.yml").read_text())["all"]
        [services] = topology["children"]["rabbitmq"]["hosts"]
        self.share, self.services = share, Machine(services)
        self.working = [Machine(name) for name in topology["children"]["worker"]["hosts"]]
        published = [topology["hosts"][machine.name]["container"]["ports"][0] for machine in self.working]
        self.urls = [f"https://localhost:{ports.split(':')[1]}/" for ports in published]

    def make(self) -> None:
        """Make the environment anew, then give each host its share."""
        run("bin/play", _INVENTORY, "up", timeout=1200, cwd=ROOT)
        self._sender.shell(f"mkdir -p {_PLACE}")
        docker("cp", str(_SCRIPT), f"{self._sender.name}:{_PLACE}/")
        for machine in self.working:
            # They would take from the first host's share alone.
            machine.shell(f"supervisorctl stop {_OTHERS} >/dev/null || true")
            self._limit(machine, self.share)

    def remove(self) -> None:
        """Remove hosts, network and secrets."""
        run("bin/play", _INVENTORY, "down", "-e", "down_purge=true", timeout=120, cwd=ROOT, ok=(0, 2))

    def let_work(self, count: int) -> None:
        """Let the workers of the first so many hosts run, and no others. Raises BenchError where they don't."""
        for number, machine in enumerate(self.working):
            self._limit(machine, 1)
            machine.shell(f"supervisorctl {'start' if number < count else 'stop'} {_PROGRAMS} >/dev/null || true")
            self._limit(machine, self.share)
        self._until_consumers(count)

    def pause(self) -> None:
        """Have no worker take from the queue."""
        self._control("cancel_consumer")
        self._until_consumers(0)

    def resume(self, count: int) -> None:
        """Have the so many workers that run take from the queue again."""
        self._control("add_consumer")
        self._until_consumers(count)

    def send(self, count: int, rate: float = 0) -> str:
        """Send so many tasks, ``rate`` a second or as fast as it goes, and return their prefix."""
        prefix = f"scale.{uuid.uuid4().hex}."
        self._as_sender(f"env PYTHONPATH=. python {_PLACE}/sending.py {prefix} {count} {rate}", timeout=600)
        return prefix

    def tasks(self, prefix: str, count: int, seconds: float) -> list[Task]:
        """Return so many tasks once all are completed. Raises BenchError where they are not in time."""
        runs = "from ledger_run r join ledger_entry e on e.id = r.entry_id"
        rows = f"{runs} where e.key like '{prefix}%' and r.outcome = 'completed'"
        deadline = time.monotonic() + seconds
        while (done := int(self._query(f"select count(*) {rows}"))) < count:
            if time.monotonic() > deadline:
                raise BenchError(f"{done} of {count} tasks are completed after {seconds:.0f} s")
            time.sleep(2)
        times = ", ".join(f"extract(epoch from {moment})" for moment in ("e.created_at", "r.started_at", "r.ended_at"))
        return [Task(*map(float, row.split())) for row in self._query(f"select {times} {rows}").splitlines()]

    def cpu(self, user: str, machines: list[Machine]) -> float:
        """Return the CPU seconds that a user's processes have had, those that have ended not among them."""
        script = f"cat $(pgrep -u {user} | sed 's|.*|/proc/&/stat|') 2>/dev/null || true"
        lines = [line for machine in machines for line in machine.shell(script).splitlines()]
        fields = [line.rpartition(")")[2].split() for line in lines]
        return sum(int(field[11]) + int(field[12]) for field in fields) / _TICKS

    def connections(self) -> dict[str, int]:
        """Return how many the application has to each service now."""
        broker = self.services.shell("rabbitmqctl --quiet list_connections pid --no-table-headers")
        sessions = f"from pg_stat_activity where datname = '{APP}' and usename <> 'postgres'"
        database = self._query(f"select count(*) {sessions}")
        return {"postgres": int(database), "rabbitmq": len(broker.split())}

    @property
    def _sender(self) -> Machine:
        """The host from which tasks are sent: the last, whose workers run only where all do."""
        return self.working[-1]

    def _as_sender(self, command: str, timeout: float = 60) -> str:
        self._limit(self._sender, 1)
        try:
            return self._sender.release(command, timeout=timeout)
        finally:
            self._limit(self._sender, self.share)

    def _control(self, verb: str) -> None:
        """Tell the workers of the queue, and no others: ``add_consumer`` would make any worker take from it."""
        said = self._as_sender("celery -A config inspect ping --json --timeout 5")
        nodes = set(re.findall(rf'"({APP}-worker-{QUEUE}-[^"]+)"', said))
        self._as_sender(f"celery -A config control --destination {','.join(sorted(nodes))} {verb} {QUEUE}")

    def _until_consumers(self, count: int) -> None:
        script = f"rabbitmqctl --quiet list_queues --vhost {APP} --no-table-headers name consumers"
        deadline = time.monotonic() + 60
        while (found := dict(row.split() for row in self.services.shell(script).splitlines())[QUEUE]) != str(count):
            if time.monotonic() > deadline:
                raise BenchError(f"{found} workers take from the queue, not {count}")
            time.sleep(1)

    def _query(self, query: str) -> str:
        return self.services.shell(psql(" "), stdin=query)

    @staticmethod
    def _limit(machine: Machine, cores: float) -> None:
        docker("update", "--cpus", str(cores), machine.name)

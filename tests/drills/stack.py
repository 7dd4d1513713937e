"""What a drill happens to: an environment of the kit, made of containers, with the sample application."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from ansible.module_utils.operating.environment import Environment
from polling import until

from drills.ledger import Ledger
from drills.machine import APP, Machine

PROJECT = Path(__file__).resolve().parents[2]
GROUPS = ("postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower", "balancer")


@dataclass(frozen=True)
class Stack:
    """An environment: name and directory, where its site is reached, the file with its CA, its hosts by group.

    ``address`` is the one that balancers share, "" for none: the load goes there.
    """

    name: str
    place: Path
    url: str
    ca: str
    groups: dict[str, list[Machine]] = field(default_factory=dict)
    address: str = ""

    def all(self, group: str) -> list[Machine]:
        """Return the hosts of a group."""
        return self.groups.get(group, [])

    def one(self, group: str) -> Machine:
        """Return the first host of a group."""
        return self.all(group)[0]

    @property
    def ledger(self) -> Ledger:
        """The work that it is given."""
        return Ledger(self.url, self.ca, self.one("worker"), self.one("postgres"))

    def reached(self) -> dict[str, tuple[str, ...]]:
        """Return where a plan's load goes: not to a published port, which leads to one balancer, whoever serves."""
        if not self.address:
            return {"base_urls": (self.url,)}
        name = httpx.URL(self.url).host
        return {"base_urls": (f"https://{name}",), "connect_to": (self.address,)}

    def machines(self) -> list[Machine]:
        """Return every host once."""
        names = {machine.name for hosts in self.groups.values() for machine in hosts}
        return [Machine(name) for name in sorted(names)]

    def queues(self) -> dict[str, int]:
        """Return how many messages each of the application's queues holds."""
        rows = self.one("rabbitmq").shell(f"rabbitmqctl --quiet list_queues --vhost {APP} name messages").splitlines()
        return {row.split()[0]: int(row.split()[1]) for row in rows if row.split()[-1].isdigit()}

    def active(self) -> dict[str, int]:
        """Return the pool process of each task that runs now, by the task's id."""
        said = self.one("worker").release("celery -A config inspect active --json --timeout 3 || true")
        lines = [line for line in said.splitlines() if line.startswith("{")]
        answers: dict[str, list[dict[str, Any]]] = json.loads(lines[-1]) if lines else {}
        return {task["id"]: task["worker_pid"] for tasks in answers.values() for task in tasks}

    def play(self, *words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a playbook against the environment, whatever comes of it."""
        command = [PROJECT / "bin/play", self.place, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)

    def status(self) -> dict[str, Any]:
        """Return what `make status` says. Raises AssertionError where it says nothing."""
        done = self.play("status", "-e", "format=json")
        assert done.stdout.strip(), f"make status said nothing:\n{done.stderr}"
        return json.loads(done.stdout)

    def is_whole(self) -> bool:
        """Return whether the site is ready and every program that should run does."""
        try:
            ready = httpx.get(f"{self.url}/readyz", verify=self.trust(), timeout=10, trust_env=False).status_code
        except httpx.TransportError:
            return False
        rows = [machine.shell("supervisorctl status || true").splitlines() for machine in self._supervised()]
        return ready == 200 and all(line.split()[1] == "RUNNING" for lines in rows for line in lines)

    def until_whole(self, seconds: float = 90) -> None:
        """Wait until it is. Raises AssertionError where it does not become so."""
        until(self.is_whole, bool, seconds)

    def trust(self) -> Any:
        """Return what its certificates are checked by."""
        return self.ledger.trust()

    def _supervised(self) -> list[Machine]:
        groups = ("web", "worker", "beat", "flower")
        return [machine for machine in self.machines() if any(machine in self.all(group) for group in groups)]


def of_environment(place: str) -> Stack:
    """Return the stack of an environment: a name under inventories/, or any directory with a slash in it.

    Raises SystemExit where a host is no container of this machine.
    """
    environment = Environment(place, PROJECT)
    directory = Path(place) if "/" in place else PROJECT / "inventories" / place
    names = ("environment_name", "lab_dir", "public_host", "public_https_port", "balancer_address")
    known = environment.variables(environment.hosts[0], *names)
    for host in environment.hosts:
        if not environment.variables(host, "container"):
            raise SystemExit(f"drill: {host} of {place} is no container: drills break what they happen to")
    groups = {group: [Machine(host) for host in environment.group(group)] for group in GROUPS}
    url = f"https://{known['public_host']}:{known['public_https_port']}"
    shared = known["balancer_address"] if groups["balancer"] else ""
    return Stack(known["environment_name"], directory.resolve(), url, f"{known['lab_dir']}/ca.crt", groups, shared)

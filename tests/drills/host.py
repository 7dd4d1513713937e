"""The host that drills happen to: a container of this machine with the whole stack and the sample application."""

from __future__ import annotations

import json
import ssl
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from polling import until

APP = "garden"
#: What a task of the ledger needs to be sent around its API: with a countdown, or an ETA.
_SEND = """
import sys, json, uuid
import django
django.setup()
from django.utils import timezone
from ledger.models import Entry
from ledger.tasks import record_run
wanted = json.load(sys.stdin)
for key in wanted["keys"]:
    task_id = str(uuid.uuid4())
    entry = Entry.objects.create(key=key, seconds=wanted["seconds"], queue=wanted["queue"])
    kwargs = {"number": entry.pk, "seconds": entry.seconds}
    record_run.apply_async(kwargs=kwargs, task_id=task_id, queue=entry.queue, **wanted["options"])
    Entry.objects.filter(pk=entry.pk).update(confirmed_at=timezone.now(), task_id=task_id)
"""


@dataclass(frozen=True)
class Host:
    """A container by its name, where its site is reached, and the file with the CA; all times are seconds."""

    name: str
    url: str
    ca: str

    def shell(self, script: str, timeout: float = 120, stdin: str = "") -> str:
        """Run a script as root and return what it prints. Raises AssertionError where it fails."""
        done = self.try_shell(script, timeout, stdin)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def try_shell(self, script: str, timeout: float = 120, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a script as root, whatever comes of it."""
        argv = ["docker", "exec", "--interactive", self.name, "bash", "-uo", "pipefail", "-ec", script]
        return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)

    def programs(self, pattern: str) -> dict[str, int]:
        """Return the processes of the application's running programs whose name begins so, by the program's name."""
        rows = [line.split() for line in self.shell("supervisorctl status || true").splitlines()]
        running = {row[0]: int(row[3].rstrip(",")) for row in rows if len(row) > 3 and row[1] == "RUNNING"}
        return {name: pid for name, pid in running.items() if name.startswith(f"{APP}-{pattern}")}

    def active(self) -> dict[str, int]:
        """Return the pool process of each task that runs now, by the task's id."""
        said = self.shell(f"/srv/{APP}/current/run celery -A config inspect active --json --timeout 3 || true")
        lines = [line for line in said.splitlines() if line.startswith("{")]
        answers: dict[str, list[dict[str, Any]]] = json.loads(lines[-1]) if lines else {}
        return {task["id"]: task["worker_pid"] for tasks in answers.values() for task in tasks}

    def accept(self, count: int, seconds: float, queue: str = "default") -> str:
        """Have the ledger accept entries and return the prefix of their keys, ``drill.<hex>.``."""
        prefix = f"drill.{uuid.uuid4().hex}."
        with httpx.Client(
            base_url=self.url, verify=ssl.create_default_context(cafile=self.ca), timeout=20, trust_env=False
        ) as client:
            for number in range(count):
                entry = {"key": f"{prefix}{number}", "queue": queue, "seconds": str(seconds)}
                client.post("/ledger/", data=entry).raise_for_status()
        return prefix

    def send(self, count: int, seconds: float = 0, queue: str = "default", **options: Any) -> str:
        """Send the ledger's task with options of apply_async and return the prefix of the keys."""
        prefix = f"drill.{uuid.uuid4().hex}."
        wanted = {
            "keys": [f"{prefix}{n}" for n in range(count)],
            "seconds": seconds,
            "queue": queue,
            "options": options,
        }
        self.shell(f"/srv/{APP}/current/run python -c '{_SEND}'", stdin=json.dumps(wanted))
        return prefix

    def runs(self, prefix: str) -> list[dict[str, str]]:
        """Return the runs of the entries with the prefix: key, task, begun and ended (epoch; 0: not yet), outcome."""
        query = f"""select e.key, r.task_id, extract(epoch from r.started_at),
                    coalesce(extract(epoch from r.ended_at), 0), r.outcome
                    from ledger_run r join ledger_entry e on e.id = r.entry_id
                    where e.key like '{prefix}%' order by r.id"""
        rows = self.shell(f"psql -U postgres -qAt -F ' ' {APP}", stdin=query).splitlines()
        return [dict(zip(("key", "task", "begun", "ended", "outcome"), row.split(), strict=True)) for row in rows]

    def until_running(self, prefix: str, count: int, seconds: float = 30) -> None:
        """Wait until so many of these entries are being worked on."""
        until(
            lambda: [run for run in self.runs(prefix) if run["outcome"] == "running"],
            lambda r: len(r) >= count,
            seconds,
        )

    def queues(self) -> dict[str, int]:
        """Return the messages of each of the application's queues."""
        rows = self.shell(f"rabbitmqctl --quiet list_queues --vhost {APP} name messages").splitlines()
        return {row.split()[0]: int(row.split()[1]) for row in rows if row.split()[-1].isdigit()}


def of_environment(folder: Path) -> Host:
    """Return the host of an environment that has one, made of a container. Raises SystemExit for any other."""
    hosts = yaml.safe_load((folder / "hosts.yml").read_text())["all"]["hosts"]
    if len(hosts) != 1 or "container" not in next(iter(hosts.values())):
        raise SystemExit(f"drill: {folder.name} is not one container: drills break what they happen to")
    [(name, about)] = hosts.items()
    [port] = [part.split(":")[1] for part in about["container"]["ports"] if part.endswith(":443")]
    return Host(name, f"https://localhost:{port}", str(Path(folder).resolve().parents[1] / ".lab/ca.crt"))

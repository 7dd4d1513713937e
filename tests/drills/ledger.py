"""The ledger of the sample application: tasks that write down when they ran."""

from __future__ import annotations

import json
import ssl
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
from polling import until

from drills.machine import APP, Machine

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
class Run:
    """A run of an entry's task; moments are epoch seconds, ``ended`` is 0 where it has not."""

    key: str
    task: str
    began: float
    ended: float
    outcome: str


@dataclass(frozen=True)
class Ledger:
    """The ledger at an address; ``worker`` is a host with the application's release, ``database`` PostgreSQL's."""

    url: str
    ca: str
    worker: Machine
    database: Machine

    def trust(self) -> ssl.SSLContext:
        """Return what the site's certificate is checked by."""
        return ssl.create_default_context(cafile=self.ca)

    def accept(self, count: int, seconds: float, queue: str = "default") -> str:
        """Have it accept entries whose tasks take so many seconds; return the prefix of their keys."""
        prefix = f"drill.{uuid.uuid4().hex}."
        with httpx.Client(base_url=self.url, verify=self.trust(), timeout=20, trust_env=False) as client:
            for number in range(count):
                entry = {"key": f"{prefix}{number}", "queue": queue, "seconds": str(seconds)}
                client.post("/ledger/", data=entry).raise_for_status()
        return prefix

    def send(self, count: int, seconds: float = 0, queue: str = "default", **options: Any) -> str:
        """Send its task with options of apply_async and return the prefix of the keys."""
        prefix = f"drill.{uuid.uuid4().hex}."
        keys = [f"{prefix}{number}" for number in range(count)]
        wanted = {"keys": keys, "seconds": seconds, "queue": queue, "options": options}
        self.worker.release(f"python -c '{_SEND}'", stdin=json.dumps(wanted))
        return prefix

    def runs(self, prefix: str) -> list[Run]:
        """Return the runs of the entries with the prefix, in their order."""
        query = f"""select e.key, r.task_id, extract(epoch from r.started_at),
                    coalesce(extract(epoch from r.ended_at), 0), r.outcome
                    from ledger_run r join ledger_entry e on e.id = r.entry_id
                    where e.key like '{prefix}%' order by r.id"""
        rows = [line.split() for line in self.database.shell(psql(" "), stdin=query).splitlines()]
        return [Run(key, task, float(began), float(ended), outcome) for key, task, began, ended, outcome in rows]

    def until_running(self, prefix: str, count: int, seconds: float = 30) -> list[Run]:
        """Wait until so many of these entries are being worked on, and return their runs."""

        def running() -> list[Run]:
            return [run for run in self.runs(prefix) if run.outcome == "running"]

        return until(running, lambda found: len(found) >= count, seconds)

    def each_once(self, prefix: str, count: int, words: str, seconds: float = 10) -> list[str]:
        """Return what is wrong where not each of so many entries was completed by one run, within the time."""
        wanted, deadline = ["completed"] * count, time.monotonic() + seconds
        while (outcomes := [run.outcome for run in self.runs(prefix)]) != wanted and time.monotonic() < deadline:
            time.sleep(0.5)
        return [] if outcomes == wanted else [f"{count} {words} ended as {outcomes}"]


def psql(separator: str = "\t") -> str:
    """Return the command that answers a query on its standard input in bare rows."""
    return f"psql --username postgres --quiet --no-align --tuples-only --field-separator=$'{separator}' {APP}"

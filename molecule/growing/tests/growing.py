"""What happens to the environment while it is used: its load, writes to each service, and what became of them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from drills.ledger import Ledger
from drills.machine import Machine
from load import verdict
from load.plan import Plan
from load.process import Load
from members import STATE
from polling import until
from scenario_host import CA, PORTS, SCRATCH, run, shell
from topology import GROUPS, HOSTS

ONE = Path(__file__).resolve().parents[1] / "inventory"
GROWN = Path(__file__).resolve().parents[1] / "grown"
APP = GROUPS["web"][0]
DATA = GROUPS["postgres"]
URL = f"https://localhost:{PORTS[443]}"
#: Seconds for which no write may be possible.
LIMIT = 30
#: Where programs reach a service of several hosts.
BALANCED = "127.0.0.2"
#: Service to what programs are told of it. Of Redis it is the cache, beside which the instance for state is.
_TOLD = {"postgres": "DATABASE_URL", "rabbitmq": "CELERY_BROKER_URL", "redis": "CACHE_URL"}
_SCRIPT = Path(__file__).with_name("writer.py").read_text(encoding="utf-8")
_PYTHON = ["docker", "exec", "-i", APP, "/srv/garden/current/venv/bin/python", "-c", _SCRIPT]

#: Service to what was confirmed: number and moment, in epoch seconds.
Confirmed = dict[str, list[tuple[int, float]]]


def places() -> dict[str, str]:
    """Return the URL of each service, as programs are told now."""
    lines = shell("cat /etc/cloche/garden.env", host=APP).splitlines()
    told = dict(line.removeprefix("export ").split("=", 1) for line in lines if "=" in line)
    found = {service: shlex.split(told[name])[0] for service, name in _TOLD.items()}
    beside = re.sub(r":\d+/", f":{STATE}/", found["redis"])
    return found | {"redis": beside}


@contextmanager
def writing() -> Iterator[Confirmed]:
    """Write to each service meanwhile; it holds what was confirmed in the end. Fail where one takes nothing more."""
    confirmed: Confirmed = {service: [] for service in _TOLD}
    log, errors = SCRATCH / "written", SCRATCH / "not-written"
    with log.open("w") as output, errors.open("w") as refused:
        writer = subprocess.Popen([*_PYTHON, "write"], stdin=subprocess.PIPE, stdout=output, stderr=refused, text=True)
        assert writer.stdin
        writer.stdin.write(json.dumps({"places": places()}) + "\n")
        writer.stdin.flush()
        try:
            until(lambda: {json.loads(line)[0] for line in log.read_text().splitlines()}, set(_TOLD).__eq__, 30)
            yield confirmed
        finally:
            ended = time.time()
            writer.stdin.close()
            writer.wait(timeout=30)
    for line in log.read_text().splitlines():
        service, number, at = json.loads(line)
        confirmed[service].append((number, at))
    assert all(found and ended - found[-1][1] < LIMIT for found in confirmed.values()), errors.read_text()[-2000:]


def longest_pauses(confirmed: Confirmed) -> dict[str, float]:
    """Return the longest time, in seconds, between two writes that each service confirmed."""
    moments = {service: [at for _, at in found] for service, found in confirmed.items()}
    return {s: round(max(after - before for before, after in pairwise(at)), 1) for s, at in moments.items()}


def missing(confirmed: Confirmed) -> dict[str, list[int]]:
    """Return what was confirmed and is not there any more, by service."""
    numbers = {service: [number for number, _ in found] for service, found in confirmed.items()}
    given = json.dumps({"places": places(), "confirmed": numbers}) + "\n"
    done = subprocess.run([*_PYTHON, "missing"], input=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Used:
    """The ledger's load; ``verdict`` and ``longest_pause`` in seconds once it has ended."""

    def __init__(self, folder: Path) -> None:
        self._load = Load(Plan(base_urls=(URL,), ca=str(CA), get_rate=2, post_rate=5, seconds=1200), folder / "samples")

    def __enter__(self) -> Used:
        self._load.start()
        time.sleep(5)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(5)
        self._load.stop()

    def ledger(self) -> dict[str, Any]:
        """Return what became of the entries that were accepted."""
        return verdict.judge(self._load.path)["ledger"]

    def longest_pause(self) -> float:
        """Return the longest time between two entries that were accepted."""
        accepted = [s for s in verdict.read(self._load.path).requests if s.kind == "post" and s.status == 202]
        return max(after - before for before, after in pairwise(sorted(sample.at for sample in accepted)))


def ledger() -> Ledger:
    """Return the ledger for work that is sent around its page."""
    return Ledger(URL, str(CA), Machine(APP), Machine(DATA[0]))


def status(inventory: Path = GROWN) -> dict[str, Any]:
    """Return the document of `make status`."""
    said = run("status", "-e", "format=json", inventory=inventory, callback="answer").stdout
    return json.loads(said[said.index("{") :])


def red(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what is red: host, kind and entry."""
    return [
        (host, kind, entry)
        for host, found in document["hosts"].items() for kind, entries in found.items() if isinstance(entries, list)
        for entry in entries if entry["level"] == "red"
    ]  # fmt: skip


def rows(host: str) -> int:
    """Return how many entries a host's own PostgreSQL has."""
    query = "SELECT count(*) FROM ledger_entry"
    return int(shell(f"psql --host=/run/postgresql --username=postgres -XAtqc '{query}' garden", host=host))


def address(host: str) -> str:
    """Return where other hosts reach a host."""
    return HOSTS[host]["address"]

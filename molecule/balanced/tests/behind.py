"""What the tests of this scenario share: its verbs, a load through the balancers, what they see."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from load import verdict
from load.plan import Plan
from load.process import Load
from load.samples import Sample, Samples
from polling import until
from topology import GROUPS, INVENTORY, PRIVATE, PROJECT, inside

ADDRESS = "198.18.65.10"
BALANCERS, WEB = GROUPS["balancer"], GROUPS["web"]


def play(verb: str, *extra: str, callback: str = "progress") -> subprocess.CompletedProcess[str]:
    """Run a verb on the scenario's hosts with further variables, whatever comes of it."""
    # Elsewhere the controller is another machine: here it must not take what the hosts need to serve.
    command = ["nice", "-n", "10", "ansible-playbook", "-i", str(INVENTORY), str(PROJECT / f"playbooks/{verb}.yml")]
    return subprocess.run(
        [*command, *(part for value in extra for part in ("-e", value))], cwd=PROJECT,
        env=os.environ | {"ANSIBLE_STDOUT_CALLBACK": callback},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def done(run: subprocess.CompletedProcess[str]) -> str:
    """Return what a verb said; fail where it failed."""
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr
    return run.stdout


def status() -> dict[str, Any]:
    """Return what `make status` says of each host."""
    return json.loads(play("status", "format=json", callback="answer").stdout)["hosts"]


def holders() -> list[str]:
    """Return the balancers that have the address."""
    found = []
    for host in BALANCERS:
        # One that was killed has nothing.
        with suppress(subprocess.CalledProcessError):
            found += [host] if f" {ADDRESS}/" in inside(host, "ip", "-oneline", "address") else []
    return found


def web_hosts(balancer: str) -> dict[str, str]:
    """Return what a balancer thinks of each web host: UP, NOLB, DOWN, or a step on the way."""
    ask = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/balancer/admin.sock');"
    ask += "s.sendall(b'show stat\\n'); print(s.makefile().read())"
    rows = [line.split(",") for line in inside(balancer, "python3", "-c", ask).splitlines()]
    return {row[1]: row[17] for row in rows if row[0] == "garden" and row[1] in WEB}


def until_whole(seconds: float = 90) -> None:
    """Wait until one balancer has the address and both can use both web hosts."""
    until(holders, lambda found: len(found) == 1, seconds)
    for host in BALANCERS:
        until(lambda: web_hosts(host), lambda found: set(found.values()) == {"UP"}, seconds)  # noqa: B023


def under_load(path: Path, act: Callable[[], Any], rest: float = 6, **plan: Any) -> tuple[Any, Samples]:
    """Do something while the promise's load comes through the balancers; return what came of it, and the samples."""
    wanted = {"base_urls": ("https://localhost",), "connect_to": (ADDRESS,), "ca": str(PRIVATE / "ca.crt")} | plan
    load = Load(Plan(**wanted), path)
    load.start()
    try:
        time.sleep(5)
        result = act()
        time.sleep(rest)
    finally:
        samples = load.stop()
    return result, samples


def failed(samples: Samples) -> list[Sample]:
    """Return the requests that were not served."""
    return [sample for sample in samples.requests if sample.failed]


def nothing_lost(path: Path, duplicated: int = 0) -> None:
    """Every task that was accepted has run, at most so many twice."""
    ledger = verdict.judge(path)["ledger"]
    assert (ledger["lost"], ledger["forgotten"]) == (0, 0), ledger
    assert ledger["duplicated"] <= duplicated, ledger

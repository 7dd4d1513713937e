"""The stack as its users see it over HTTPS, and as its host shows it; all times in seconds."""

from __future__ import annotations

import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from scenario_host import Site

PROJECT = Path(__file__).resolve().parents[3]
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
PRIVATE = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "private"
HOSTILE = yaml.safe_load((INVENTORY / "group_vars/all/test.yml").read_text(encoding="utf-8"))["hostile"]
#: The only host, and what its container publishes: port of the host to port on the controller's loopback.
[(HOST, _host)] = yaml.safe_load((INVENTORY / "hosts.yml").read_text(encoding="utf-8"))["all"]["hosts"].items()
PORTS = {int(inside): int(outside) for _, outside, inside in (p.split(":") for p in _host["container"]["ports"])}
DOMAINS = {"garden": "localhost", "orchard": "orchard.test"}


def docker(*arguments: str, timeout: float = 60) -> str:
    """Run a command of the container engine and return what it prints."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True, timeout=timeout).stdout


def play(playbook: str, *arguments: str, callback: str = "default") -> subprocess.CompletedProcess[str]:
    """Run a playbook of the kit against this scenario's inventory."""
    command = ["ansible-playbook", "-i", str(INVENTORY), *arguments, str(PROJECT / "playbooks" / f"{playbook}.yml")]
    environment = os.environ | {"ANSIBLE_STDOUT_CALLBACK": callback}
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=180, check=False
    )


def until(read: Callable[[], Any], done: Callable[[Any], bool], seconds: float) -> Any:
    """Read until done and return the last reading; what cannot be read yet is not done. Fail when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if done(reading := read()):
                return reading
        except (httpx.TransportError, subprocess.SubprocessError) as error:
            reading = error
        assert time.monotonic() < deadline, f"not within {seconds} s; last reading: {reading!r}"
        time.sleep(0.3)


class Application(Site):
    """One application's site, reached by its own name."""

    def __init__(self, name: str) -> None:
        super().__init__(DOMAINS[name])
        self.name = name

    def ready(self) -> int:
        """Return the status of /readyz."""
        return self.request("GET", "/readyz").status_code

    def accept(self, prefix: str, count: int, queue: str = "default", seconds: float = 0) -> None:
        """Have the ledger accept entries under a prefix; each must be confirmed."""
        for number in range(count):
            entry = {"key": f"{prefix}{number}", "queue": queue, "seconds": str(seconds)}
            response = self.request("POST", "/ledger/", data=entry)
            assert response.status_code == 202, response.text

    def ledger(self, prefix: str) -> dict[str, int]:
        """Return the ledger's counts of a prefix."""
        response = self.request("GET", "/ledger/summary/", params={"prefix": prefix})
        return response.json() if response.status_code == 200 else {}

    def check_done(self, prefix: str, count: int, seconds: float) -> None:
        """Fail unless each accepted entry is completed, once, within the time."""
        counts = until(lambda: self.ledger(prefix), lambda c: c.get("completed") == count, seconds)
        assert (counts["accepted"], counts["lost"], counts["duplicated"]) == (count, 0, 0)

    def check_works(self, seconds: float) -> None:
        """Fail unless it is ready and a task posted then succeeds, both within the time."""
        deadline = time.monotonic() + seconds
        until(self.ready, lambda status: status == 200, seconds)
        task = self.request("POST", "/tasks/", data={"type": "0"}).json()["task_id"]
        left = deadline - time.monotonic()
        until(lambda: self.request("GET", f"/tasks/{task}/").json()["task_status"], lambda s: s == "SUCCESS", left)


def new_prefix() -> str:
    """Return a prefix of ledger keys that nobody has used."""
    return f"stack.{uuid.uuid4().hex}."


@contextmanager
def polling(application: Application) -> Iterator[list[int | str]]:
    """Ask /readyz five times a second meanwhile; the list holds each answer's status, or the error."""
    answers: list[int | str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.2):
            try:
                answers.append(application.ready())
            except httpx.TransportError as error:
                answers.append(repr(error))

    poller = threading.Thread(target=ask)
    poller.start()
    try:
        yield answers
    finally:
        over.set()
        poller.join()

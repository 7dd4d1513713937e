"""The first host of a molecule scenario, mostly its only one, and the kit's verbs on it; all times in seconds."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import yaml
from polling import until

PROJECT = Path(__file__).resolve().parents[1]
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
SCRATCH = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
CA = SCRATCH / "private/ca.crt"
(HOST, _host), *_ = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["all"]["hosts"].items()
#: What its container publishes: port of the host to port on the controller's loopback.
PORTS = {int(p.split(":")[2]): int(p.split(":")[1]) for p in _host["container"].get("ports", [])}


def command(playbook: str, *arguments: str, inventory: Path = INVENTORY) -> list[str]:
    """Return the command line that runs a playbook of the kit against this scenario's host."""
    # Elsewhere the controller is another machine: here it must not take what the host needs to serve.
    nice = ["nice", "-n", "10"]
    return [*nice, "ansible-playbook", "-i", str(inventory), *arguments, str(PROJECT / f"playbooks/{playbook}.yml")]


def environment(marks: Path | None = None, callback: str = "progress") -> dict[str, str]:
    """Return what a playbook runs in; ``marks`` is the file that its progress goes to."""
    return os.environ | {"ANSIBLE_STDOUT_CALLBACK": callback} | ({"CLOCHE_MARKS": str(marks)} if marks else {})


def run(
    playbook: str,
    *arguments: str,
    inventory: Path = INVENTORY,
    marks: Path | None = None,
    callback: str = "progress",
    timeout: float = 240,
) -> subprocess.CompletedProcess[str]:
    """Run a playbook, whatever comes of it."""
    return subprocess.run(
        command(playbook, *arguments, inventory=inventory), cwd=PROJECT, env=environment(marks, callback),
        capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


def play(playbook: str, *arguments: str, **options: Any) -> str:
    """Run a playbook, with the options of ``run``, and return what it printed; fail where it does."""
    done = run(playbook, *arguments, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shell(script: str, timeout: float = 60, host: str = HOST) -> str:
    """Run a script on a host as root and return what it prints; fail where it does."""
    argv = ["docker", "exec", host, "bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def console(app: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script in an application's live release, as its user, whatever comes of it."""
    argv = ["docker", "exec", "-i", HOST, f"/srv/{app}/current/run", "python", "-"]
    return subprocess.run(argv, input=script, capture_output=True, text=True, timeout=60, check=False)


def current(app: str) -> str:
    """Return the id of an application's live release."""
    return Path(shell(f"readlink /srv/{app}/current").strip()).name


def programs() -> dict[str, str]:
    """Return the state of every program that supervisord knows, by name."""
    return {line.split()[0]: line.split()[1] for line in _supervised()}


def pids(app: str) -> dict[str, int]:
    """Return the process of each program of an application that runs, by the program's name.

    Supervisor names none of a program for its first ten seconds, in which a release may have ended already.
    """
    lines = until(_supervised, lambda lines: not any(re.match(rf"{app}-\S+ +STARTING", line) for line in lines), 30)
    found = (re.match(rf"({app}-\S+) +RUNNING +pid (\d+),", line) for line in lines)
    return {match[1]: int(match[2]) for match in found if match}


def _supervised() -> list[str]:
    return shell("supervisorctl status || true").splitlines()


class Site:
    """One application's site, reached by its own name; each request takes a connection of its own."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._trust = ssl.create_default_context(cafile=CA)

    def request(self, method: str, path: str, **fields: Any) -> httpx.Response:
        """Send a request; a form where there is data."""
        headers = {"Host": f"{self._domain}:{PORTS[443]}", **fields.pop("headers", {})}
        with httpx.Client(verify=self._trust, timeout=10, trust_env=False) as client:
            return client.request(
                method, f"https://127.0.0.1:{PORTS[443]}{path}", headers=headers,
                extensions={"sni_hostname": self._domain}, **fields,
            )  # fmt: skip

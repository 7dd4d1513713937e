"""The hosts of a scenario with many, as its inventory describes them and as the engine shows them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
PRIVATE = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "private"
_ALL = yaml.safe_load((INVENTORY / "hosts.yml").read_text(encoding="utf-8"))["all"]
HOSTS: dict[str, dict[str, Any]] = _ALL["hosts"]
#: Group to the names of its hosts.
GROUPS = {group: list(content["hosts"]) for group, content in _ALL["children"].items()}


#: The whole of the scenario, or what fits into `make test`.
ALL = bool(os.environ.get("CLOCHE_ALL"))


def published(host: str, port: int) -> int:
    """Return the port of the controller's loopback that leads to a port of the host."""
    ports = (entry.split(":") for entry in HOSTS[host]["container"]["ports"])
    return next(int(outside) for _, outside, inside in ports if int(inside) == port)


def inside(host: str, *command: str, timeout: float = 60) -> str:
    """Run a command as root on a host, by way of the engine, and return what it prints."""
    argv = ["docker", "exec", host, *command]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=timeout).stdout


def programs(host: str) -> list[str]:
    """Return the kinds of garden's programs that run on a host, sorted: beat, flower, web, worker, worker, ..."""
    lines = (line.split() for line in inside(host, "supervisorctl", "status").splitlines())
    return sorted(name.split("-")[1] for name, state, *_ in lines if state == "RUNNING")


def acceptance(web: str) -> subprocess.Popen[str]:
    """Begin the acceptance suite against a web host; its output, all in one, is the caller's to read."""
    options = [f"--ca={PRIVATE / 'ca.crt'}", f"--operator=operator:{PRIVATE / 'secrets/operator_password'}"]
    places = [
        f"--base-url=https://localhost:{published(web, 443)}",
        f"--http-url=http://localhost:{published(web, 80)}",
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *places, *options, "."],
        cwd=PROJECT / "tests/acceptance", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def assert_accepted(web: str, run: subprocess.Popen[str], seconds: float = 150) -> None:
    """Wait for the acceptance suite: all of it has passed, nothing was left out."""
    output, _ = run.communicate(timeout=seconds)
    logs = inside(web, "sh", "-c", "tail -n 40 /var/log/nginx/error.log /var/log/garden/*.log")
    assert run.returncode == 0, output + logs
    assert "passed" in output
    assert "skipped" not in output

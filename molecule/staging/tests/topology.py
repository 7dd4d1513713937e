"""The hosts of this scenario, as its inventory describes them and as the engine shows them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[3]
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

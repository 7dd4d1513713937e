"""The verbs of this scenario as an operator types them; all times in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from scenario_host import HOST, INVENTORY, PORTS, PROJECT, SCRATCH

ON = [str(PROJECT / "bin/on")]
#: How the host is reached through the engine, and over ssh.
ENGINE = {
    "ansible_connection": "docker",
    "ansible_docker_host": HOST,
    "ansible_user": "root",
    "ansible_become": False,
}
SSH = {"ansible_port": PORTS[22]}
SECRETS = SCRATCH / "private/secrets"


def secrets() -> list[str]:
    """Return every secret of the environment."""
    return [path.read_text().strip() for path in SECRETS.iterdir() if path.suffix != ".lock"]


def inventory_of(name: str, hosts: dict[str, dict], groups: dict[str, list[str]] | None = None) -> Path:
    """Return an inventory of this environment with other hosts; without ``groups`` the first is in all of them."""
    place = SCRATCH / name
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(INVENTORY, place, ignore=shutil.ignore_patterns("hosts.yml", "ansible_inventory.yml"))
    described = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["all"]
    groups = groups or {group: [next(iter(hosts))] for group in described["children"]}
    children = {group: {"hosts": dict.fromkeys(names)} for group, names in groups.items()}
    written = {"vars": described["vars"], "hosts": hosts, "children": children}
    (place / "hosts.yml").write_text(yaml.safe_dump({"all": written}))
    return place


def by_engine() -> Path:
    """Return an inventory of the same host that reaches it through the engine instead of ssh."""
    return inventory_of("by-engine", {HOST: ENGINE})


def on(verb: str, *options: str, given: str = "", inventory: Path = INVENTORY, timeout: float = 60) -> Any:
    """Run bin/on and return what came of it, whatever that is."""
    return subprocess.run(
        [*ON, str(inventory), verb, *options], input=given, capture_output=True, text=True, timeout=timeout, check=False
    )


def verb(name: str, *arguments: str, timeout: float = 240, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook as make does, by bin/play, whatever comes of it."""
    command = [str(PROJECT / "bin/play"), str(INVENTORY), name, *arguments]
    # The scenario's own choice of callback is for people who look at its progress.
    environment = {key: value for key, value in os.environ.items() if key != "ANSIBLE_STDOUT_CALLBACK"} | variables
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=environment)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a command has printed, for the message of a failure."""
    return f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"

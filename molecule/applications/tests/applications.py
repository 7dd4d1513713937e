"""The three applications: what they are reached by, and another version of each."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path

from scenario_host import INVENTORY, PORTS, PROJECT, Site, current, play, shell

#: Where each has its source.
SOURCES = {"garden": "app", "celery_demo": "examples/celery_demo", "classic": "examples/classic"}
#: Those with a site; the first name leads to it.
DOMAINS = {"garden": "localhost", "classic": "classic.test"}
#: The servers' units; of Redis there is one for each application and purpose.
UNITS = "nginx.service rabbitmq-server.service supervisor.service 'postgresql@*' 'redis-server@*'"


def site(name: str) -> Site:
    """Return the site of garden or classic."""
    return Site(DOMAINS[name])


def url(name: str) -> str:
    """Return what a browser would be told."""
    return f"https://{DOMAINS[name]}:{PORTS[443]}"


def servers() -> dict[str, int]:
    """Return the main process of each server's unit."""
    blocks = shell(f"systemctl show --property=Id,MainPID {UNITS}").strip().split("\n\n")
    found = [dict(line.split("=", 1) for line in block.splitlines()) for block in blocks]
    return {unit["Id"]: int(unit["MainPID"]) for unit in found}


def another_version(name: str, folder: Path) -> Path:
    """Return an inventory with one application from a changed copy of its source."""
    source, inventory = folder / "source", folder / "inventory"
    shutil.copytree(PROJECT / SOURCES[name], source, ignore=shutil.ignore_patterns("__pycache__", "var", ".*"))
    (source / "version.py").write_text(f'"""Which version this is."""\n\nVERSION = "{uuid.uuid4().hex}"\n')
    shutil.copytree(INVENTORY, inventory)
    definition = inventory / f"apps/{name}.yml"
    text, count = re.subn(r"^app_source: .*$", f"app_source: {{path: {source}}}", definition.read_text(), flags=re.M)
    assert count == 1
    definition.write_text(text)
    return inventory


def deploy(name: str, folder: Path) -> str:
    """Release another version of one application alone; return its id."""
    play("deploy", "-e", f"release_only={name}", inventory=another_version(name, folder))
    return current(name)


def roll_back(name: str) -> str:
    """Bring one application back to the release before; return its id."""
    play("rollback", "-e", f"release_only={name}", "-e", "release_verb=rollback")
    return current(name)

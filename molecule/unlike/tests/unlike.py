"""The scenario's inventory with something changed, and what a deploy from it did."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from scenario_host import HOST, INVENTORY, PROJECT, run, shell

SECOND = "cloche-unlike-2"
HOSTS = [HOST, SECOND]
#: What no host has had a release of until a test deploys it.
NEWCOMERS = {
    "classic": PROJECT / "examples/classic/classic.yml",
    "celery_demo": PROJECT / "inventories/lab/apps/celery_demo.yml",
}


def changed(folder: Path, name: str, keys: dict[str, Any]) -> Path:
    """Return a copy of the inventory in which an application has other keys; None takes one away."""
    inventory = folder / "inventory"
    shutil.copytree(INVENTORY, inventory)
    path = inventory / f"apps/{name}.yml"
    definition = yaml.safe_load(NEWCOMERS.get(name, path).read_text()) | keys
    path.write_text(yaml.safe_dump({key: value for key, value in definition.items() if value is not None}))
    return inventory


def deploy(name: str, folder: Path, *arguments: str, **keys: Any) -> subprocess.CompletedProcess[str]:
    """Release one application alone, with other keys, whatever comes of it."""
    return run("deploy", "-e", f"release_only={name}", *arguments, inventory=changed(folder, name, keys))


def outcomes(app: str) -> list[tuple[str, str | None]]:
    """Return (outcome, step that failed) of each line in deploys.log, oldest first."""
    entries = map(json.loads, shell(f"cat /var/log/{app}/deploys.log || true").splitlines())
    return [(entry["outcome"], entry.get("step")) for entry in entries]

"""The kit under measurement: a copy of the work tree, which has caches, bundles and secrets of its own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from provisioning.process import ROOT, BenchError, docker, run

_HOST = "cloche-bench"
_NOT_COPIED = {".venv", ".cache", ".lab", ".git", "dist"}
# Actions that end on the controller.
_LOCAL_ACTIONS = {
    "assert",
    "debug",
    "fail",
    "include_role",
    "include_tasks",
    "meta",
    "set_fact",
    "validate_argument_spec",
}


@dataclass(frozen=True)
class Audit:
    """One converged run: tasks that ran, what of it on the host (loops: each item), the slowest as (ms, name)."""

    tasks: int
    host_operations: int
    slowest: tuple[tuple[int, str], ...]


class Lab:
    """One host named ``name`` and the network of that name; ``scratch`` is a private directory outside any git tree."""

    def __init__(self, scratch: Path, name: str = _HOST) -> None:
        self.name = name
        self.tree = scratch / "tree"
        self.private = self.tree / ".cache/bench/private"
        shutil.copytree(ROOT, self.tree, symlinks=True, ignore=_ignored)
        (self.tree / ".venv").symlink_to(ROOT / ".venv")
        (self.tree / "inventories/bench").symlink_to("../bench/inventory")
        hosts = self.tree / "bench/inventory/hosts.yml"
        hosts.write_text(hosts.read_text().replace(_HOST, name))
        self._topology = yaml.safe_load(hosts.read_text())["all"]

    def packages(self) -> list[str]:
        """Return the packages that the kit installs in one transaction, for all groups of the host."""
        wiring = yaml.safe_load((self.tree / "playbooks/group_vars/all/wiring.yml").read_text())["__wired_packages"]
        groups = [group for group in self._topology["children"] if group in wiring]
        return sorted({package for group in groups for package in wiring[group]})

    def remove(self) -> None:
        """Remove the host, its network, and all that an earlier run has made."""
        docker("rm", "--force", "--volumes", self.name, ok=(0, 1))
        docker("network", "rm", self.name, ok=(0, 1))
        for made in ("dist", ".cache"):
            shutil.rmtree(self.tree / made, ignore_errors=True)

    def up(self) -> float:
        """Run `make up` and return its seconds. pip keeps no cache, as uv is measured without one."""
        environment = {"PIP_NO_CACHE_DIR": "1"}
        return run("make", "ENV=bench", "up", timeout=900, cwd=self.tree, env=environment).seconds

    def site(self) -> float:
        """Run playbooks/site.yml and return its seconds."""
        return run("bin/play", "bench", "site", timeout=180, cwd=self.tree).seconds

    def audit(self) -> Audit:
        """Run playbooks/site.yml once more, unmeasured, and count."""
        environment = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_DEPRECATION_WARNINGS": "false"}
        text = run("bin/play", "bench", "site", timeout=180, cwd=self.tree, env=environment).stdout
        report = json.loads(text)
        tasks = operations = 0
        durations = []
        for task in (task for play in report["plays"] for task in play["tasks"]):
            ran = [_ran(result) for result in task["hosts"].values()]
            tasks += any(ran)
            local = "localhost" in task["hosts"]
            operations += 0 if local else sum(ran)
            durations.append((_milliseconds(task["task"]["duration"]), task["task"]["name"]))
        changed = sum(host["changed"] for host in report["stats"].values())
        if changed:
            raise BenchError(f"{changed} tasks of site.yml still change something: the host does not converge")
        return Audit(tasks, operations, tuple(sorted(durations, reverse=True)[:15]))


def _ignored(directory: str, names: list[str]) -> set[str]:
    top = Path(directory) == ROOT
    return {name for name in names if name == "__pycache__" or (top and name in _NOT_COPIED)}


def _ran(result: dict) -> int:
    """Count what one task did on one host: nothing where it was skipped, else each item of its loop."""
    action = str(result.get("action", "")).removeprefix("ansible.builtin.")
    if result.get("skipped") or action in _LOCAL_ACTIONS:
        return 0
    return sum(not item.get("skipped") for item in result["results"]) if "results" in result else 1


def _milliseconds(duration: dict[str, str]) -> int:
    """Return the length of a task, 0 for one that the callback never saw end."""
    if "end" not in duration:
        return 0
    start, end = (datetime.fromisoformat(duration[key].replace("Z", "+00:00")) for key in ("start", "end"))
    return round((end - start).total_seconds() * 1000)

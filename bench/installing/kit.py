"""The kit's side: a deploy of an application that is nothing but its packages, until they are on the host."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml
from provisioning.lab import Lab
from provisioning.process import BenchError, run

_INSTALLED = "Unpack the release and make its virtual environment"
_SOURCE = "bench/packages"
#: Installs nothing that counts: what the host is made with, before anything is measured.
_NOTHING = "six==1.17.0\n"


class Kit:
    """One worker host of a lab, with one application."""

    def __init__(self, lab: Lab, scratch: Path, package: str, build_packages: Sequence[str]) -> None:
        self._lab, self._scratch, self._package = lab, scratch, package
        self._requirements = lab.tree / _SOURCE / "requirements.txt"
        self._requirements.parent.mkdir()
        inventory = lab.tree / "bench/inventory"
        shutil.rmtree(inventory / "apps")
        (inventory / "apps").mkdir()
        definition = {
            "app_name": "packages", "app_source": {"path": _SOURCE}, "app_requirements": "requirements.txt",
            "app_build_packages": list(build_packages),
            "app_processes": [{"name": "idle", "command": "sleep infinity"}],
        }  # fmt: skip
        (inventory / "apps/packages.yml").write_text(yaml.safe_dump(definition))
        hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
        for group in set(hosts["all"]["children"]) - {"worker"}:
            hosts["all"]["children"][group] = {"hosts": {}}
        (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
        measured = inventory / "group_vars/all/measured.yml"
        measured.write_text(measured.read_text().replace("groups.web", "groups.worker"))

    def fresh_host(self) -> None:
        """Make the host anew, with next to nothing installed, and forget every wheel."""
        self._lab.remove()
        self._requirements.write_text(_NOTHING)
        self._lab.up()
        shutil.rmtree(self._lab.tree / ".cache/wheels", ignore_errors=True)

    def seconds(self) -> tuple[float, int]:
        """Deploy; return the seconds from the start of bin/play until the host has the package, and its wheels."""
        self._requirements.write_text(f"{self._package}\n")
        marks = self._scratch / "marks.ndjson"
        marks.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=self._scratch) as cache:
            cold = {"UV_CACHE_DIR": cache, "PIP_NO_CACHE_DIR": "1"}
            environment = cold | {"CLOCHE_MARKS": str(marks), "ANSIBLE_STDOUT_CALLBACK": "progress"}
            began = time.time()
            run("bin/play", "bench", "deploy", timeout=1500, cwd=self._lab.tree, env=environment)
        events = [json.loads(line) for line in marks.read_text().splitlines()]
        ends = [mark["at"] for mark in events if mark["event"] == "end" and mark["name"].endswith(_INSTALLED)]
        if not ends:
            raise BenchError(f"the deploy has no task '{_INSTALLED}'")
        manifests = sorted((self._lab.tree / "dist").glob("*.json"), key=lambda path: path.stat().st_mtime)
        [wheels] = json.loads(manifests[-1].read_text())["wheels"].values()
        return max(ends) - began, len(wheels)

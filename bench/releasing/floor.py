"""What a release cannot go below: its necessary steps by hand, on the same host, one after the other."""

from __future__ import annotations

import json
from pathlib import Path

from provisioning.process import docker

_SCRIPT = Path(__file__).with_name("by_hand.py")


def measure(host: str, app: str, *, install: bool) -> dict[str, float]:
    """Return the seconds of each step by the live release on the host, see by_hand.py; raises BenchError."""
    release = docker("exec", host, "readlink", f"/srv/{app}/current").decode().strip()
    steps = {step: [f"{release}/run", "python"] for step in ("collectstatic", "migrate", "worker", "web")}
    # Others are the work of the application's user in the release's environment, which the launcher makes.
    if install:
        steps = {"install": ["python3"]} | steps
    return {step: _seconds(host, [*python, "-", release, step]) for step, python in steps.items()}


def _seconds(host: str, command: list[str]) -> float:
    output = docker("exec", "-i", host, *command, timeout=300, stdin=_SCRIPT.read_bytes())
    return json.loads(output.decode().splitlines()[-1])["seconds"]

"""What all scenarios share is made once, before two of them could make it at the same time: base images and network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NETWORK = "cloche"
_made: list[str] = []


def leads(session: pytest.Session) -> bool:
    """Return whether this process is the one that tests are about to be run from, not one of pytest-xdist's workers."""
    return not hasattr(session.config, "workerinput") and not session.config.option.collectonly


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the base images and the network."""
    if not leads(session):
        return
    for suite in ["trixie", "bookworm"] if os.environ.get("CLOCHE_ALL") else ["trixie"]:
        print(f"base image {suite}: ", end="", flush=True)
        subprocess.run([PROJECT / "compose/base/build", suite], check=True, timeout=900)
    if subprocess.run(["docker", "network", "inspect", NETWORK], capture_output=True, check=False).returncode != 0:
        subprocess.run(["docker", "network", "create", NETWORK], check=True, stdout=subprocess.DEVNULL)
        _made.append(NETWORK)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove the network if it was made here; one that a lab has joined meanwhile stays."""
    for network in _made if leads(session) else []:
        subprocess.run(["docker", "network", "rm", network], capture_output=True, check=False)

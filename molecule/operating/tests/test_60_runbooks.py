"""Every step of every runbook is a command that works: taken from the page as it stands, and run."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from operating import INVENTORY
from scenario_host import HOST, PROJECT

SERVICES = ["nginx", "supervisor"]
PAGES = sorted((PROJECT / "docs/runbooks").glob("*.md"))


def steps(page) -> list[str]:
    """Return the blocks of commands of a page, in order."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return ["\n".join(line.strip() for line in block.splitlines()) for block in blocks]


def try_it(script: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a person would, who has this scenario's host instead of the lab."""
    environment = {key: value for key, value in os.environ.items() if key != "ANSIBLE_STDOUT_CALLBACK"}
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", script.replace("HOST=lab", f"HOST={HOST}")],
        cwd=PROJECT,
        env=environment | {"ENV": str(INVENTORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        # A step may exchange three secrets, an application after the other.
        timeout=1200,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_step_works(page):
    commands = steps(page)
    assert len(commands) >= 4
    # What differs or is red by other tests is no fault of a page.
    failed = []
    for script in commands:
        done = try_it(script)
        if done.returncode and not (script.startswith("make status") and "Error 1" in done.stderr):
            failed.append(f"$ {script}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")
    assert failed == [], "\n".join(failed)

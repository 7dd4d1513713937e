"""kill -9 of a playbook, at a moment of one's choice; all times in seconds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from polling import until
from scenario_host import PROJECT, environment


def kill_at(argv: list[str], task: str, after: float, marks: Path) -> None:
    """Start a playbook and kill it, with all its children, ``after`` seconds into a task; ``marks`` is its own file."""
    playbook = subprocess.Popen(
        argv, cwd=PROJECT, env=environment(marks), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        until(lambda: began(task, marks), bool, 300)
        time.sleep(after)
        assert playbook.poll() is None, f"it had ended before {task}"
    finally:
        os.killpg(playbook.pid, signal.SIGKILL)
        playbook.wait()


def began(task: str, marks: Path) -> bool:
    """Tell whether a task is under way, or was."""
    lines = marks.read_text().splitlines() if marks.exists() else []
    told = [json.loads(line) for line in lines if line.endswith("}")]
    return any(mark["event"] == "task" and mark["name"].endswith(task) for mark in told)

"""One measurement, on the host: fill a queue while no worker runs, then let one empty it.

``python by_hand.py TASKS PREFETCH``; the last line is {"tasks_per_second": ...}, from the first task that ran to
the last one published, so that the worker's start is not measured.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cases import app, mark, nothing

CONCURRENCY = 2
PATIENCE = 240


def publish(tasks: int, folder: Path) -> None:
    """Publish a mark, so many tasks, and a mark."""
    mark.delay(str(folder / "first"))
    for _ in range(tasks):
        nothing.delay()
    mark.delay(str(folder / "last"))


def drain(prefetch: int, folder: Path) -> float:
    """Return the seconds between the marks, which one worker comes to in turn."""
    command = [sys.executable, "-m", "celery", "-A", "cases", "worker", "--loglevel=WARNING"]
    command += [f"--queues={app.conf.task_default_queue}", f"--concurrency={CONCURRENCY}"]
    log = folder / "worker.log"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [*command, f"--prefetch-multiplier={prefetch}"], stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not (folder / "last").exists():
            if worker.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the worker did not drain the queue: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    return float((folder / "last").read_text()) - float((folder / "first").read_text())


if __name__ == "__main__":
    number = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="by-hand-") as directory:
        publish(number, Path(directory))
        print(json.dumps({"tasks_per_second": number / drain(int(sys.argv[2]), Path(directory))}))

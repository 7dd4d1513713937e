"""One measurement: fill a queue while no worker runs, then let one empty it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from provisioning.process import ROOT, BenchError, run

CONCURRENCY = 2
#: Seconds for either half.
PATIENCE = 180


def measure(python: Path, case: str, url: str, tasks: int, prefetch: int, folder: Path) -> float:
    """Return the tasks a second that a worker of the case drains; raises BenchError.

    From the first task that ran to the last one published: the worker's start is not measured.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = {"PYTHONPATH": f"{ROOT / 'bench'}:{ROOT / 'app'}", "BENCH_CASE": case, "BENCH_BROKER": url}
    module = [python, "-m", "draining.cases", str(tasks), folder]
    run(*module, timeout=PATIENCE, cwd=folder, env=environment)
    queue = "celery" if case == "tutorial" else "default"
    worker = [python, "-m", "celery", "-A", "draining.cases", "worker", f"--queues={queue}", "--loglevel=WARNING"]
    worker += [f"--concurrency={CONCURRENCY}", f"--prefetch-multiplier={prefetch}"]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            worker, cwd=folder, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            seconds = _await(folder / "last", process, folder / "worker.log") - float((folder / "first").read_text())
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return tasks / seconds


def _await(mark: Path, process: subprocess.Popen[bytes], log: Path) -> float:
    """Return when the mark was made, seconds since 1970."""
    deadline = time.monotonic() + PATIENCE
    while not mark.exists() or not mark.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"the worker did not drain the queue:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)
    return float(mark.read_text())

"""Workers as processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import current_app

APP = Path(__file__).resolve().parents[2]
#: Seconds that a worker may take to answer, and to end.
PATIENCE = 40


@dataclass
class Worker:
    """A worker of all queues with two processes; ``log`` is the file that gets its output."""

    name: str
    log: Path
    environment: dict[str, str]

    @property
    def node(self) -> str:
        """The name that it answers to."""
        return f"{self.name}@localhost"


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    """Run the worker until the block ends; it begins when the worker answers."""
    options = ["--hostname", worker.node, "--queues", "default,slow,mail", "--concurrency", "2", "--loglevel", "INFO"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with worker.log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker", *options],
            cwd=APP,
            env=kept | worker.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(worker, process)
        yield worker
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(worker: Worker, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while not current_app.control.ping(destination=[worker.node], timeout=0.5):
        assert process.poll() is None and time.monotonic() < deadline, worker.log.read_text()[-4000:]

"""The generator beside a test, in a process of its own, so that the test's work does not hold it up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from load.plan import Plan
from load.samples import Samples, read


class LoadError(Exception):
    """The load did not run as planned; the message holds what the generator said."""


class Load:
    """A load that runs while the ``with`` block does; ``path`` gets its samples."""

    def __init__(self, plan: Plan, path: Path) -> None:
        self.plan, self.path = plan, path
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int | None:
        """The generator's process, None before its start and after its end."""
        return self._process and self._process.pid

    def start(self, bound: float = 20) -> None:
        """Return once it sends. Raises LoadError where it does not within ``bound`` seconds."""
        self.path.unlink(missing_ok=True)
        package = Path(__file__).resolve().parents[1]
        command = [sys.executable, "-m", "load", "run", f"--out={self.path.resolve()}", *self.plan.options()]
        self._process = subprocess.Popen(
            command, env=os.environ | {"PYTHONPATH": str(package)}, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + bound
        while not (self.path.exists() and self.path.stat().st_size):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LoadError(f"the load has not begun: {self._end(kill=True)}")
            time.sleep(0.05)

    def stop(self) -> Samples:
        """Send nothing more, wait for the answers under way, return all samples. Raises LoadError where it failed."""
        said = self._end(kill=False)
        samples = read(self.path)
        if samples.end is None:
            raise LoadError(f"the load has not come to its end: {said}")
        return samples

    def __enter__(self) -> Load:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end(kill=False)

    def _end(self, kill: bool) -> str:
        if self._process is None:
            return ""
        process, self._process = self._process, None
        process.kill() if kill else process.terminate()
        try:
            _, said = process.communicate(timeout=self.plan.timeout + 15)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
        return said.strip()[-2000:]

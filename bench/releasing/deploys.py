"""The deploys that are measured: each of another source, or of another lock."""

from __future__ import annotations

import json
import re
import time
from itertools import count
from pathlib import Path

from provisioning.lab import Lab
from provisioning.process import BenchError, run

_SWITCH = "Hand the web processes over"


class Deploys:
    """Releases of the sample application to the host of a lab."""

    def __init__(self, lab: Lab, scratch: Path) -> None:
        self._lab, self._marks, self._numbers = lab, scratch / "marks.ndjson", count(1)

    def live(self, *, lock_changes: bool) -> float:
        """Release another source, perhaps with another lock; return the seconds until nginx leads to it alone.

        From the start of bin/play to the end of the web processes' handover, when those before get no request any more.
        """
        number = next(self._numbers)
        (self._lab.tree / "app/bench_release.txt").write_text(f"{number}\n")
        if lock_changes:
            self._change_lock()
        self._marks.unlink(missing_ok=True)
        began = time.time()
        environment = {"CLOCHE_MARKS": str(self._marks), "ANSIBLE_STDOUT_CALLBACK": "progress"}
        run("bin/play", "bench", "deploy", timeout=300, cwd=self._lab.tree, env=environment)
        marks = [json.loads(line) for line in self._marks.read_text().splitlines()]
        ends = [mark["at"] for mark in marks if mark["event"] == "end" and mark["name"].endswith(_SWITCH)]
        if not ends:
            raise BenchError(f"the deploy has no task '{_SWITCH}'")
        return max(ends) - began

    def _change_lock(self) -> None:
        """Take a hash that no target needs out of the lock: another lock of the same wheels, all in the caches."""
        lock = self._lab.tree / "app/requirements.txt"
        manifests = sorted((self._lab.tree / "dist").glob("*.json"), key=lambda path: path.stat().st_mtime)
        wheels = json.loads(manifests[-1].read_text())["wheels"].values()
        used = {digest for kind in wheels for digest in kind.values()}
        text = lock.read_text()
        lines = re.findall(r"\n +--hash=sha256:[0-9a-f]{64} \\(?=\n)", text)
        spare = next((line for line in lines if not any(digest in line for digest in used)), None)
        if spare is None:
            raise BenchError("every hash of the lock is needed; it can't be changed harmlessly")
        lock.write_text(text.replace(spare, "", 1))

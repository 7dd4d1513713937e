"""One deploy of an application at a time: a directory on one host, taken and given back in one step each."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from pathlib import Path

LOCKS = Path("/var/lib/cloche/locks")
ATTEMPTS = 10


class DeployLock:
    """The lock of one application; ``directory`` is overridden by tests only."""

    def __init__(self, app: str, directory: Path = LOCKS) -> None:
        self._path = directory / f"{app}.lock"

    def holder(self) -> dict | None:
        """Return what the holder said of itself when it took the lock, or None where nobody holds it."""
        try:
            return json.loads((self._path / "holder.json").read_text())
        except FileNotFoundError:
            return None

    def take(self, owner: dict) -> dict | None:
        """Take the lock for ``owner`` (``token`` tells owners apart); return the holder where somebody else has it.

        Raises OSError where the disk is full, or where something is in its place that is no lock.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self._path.parent, prefix=".lock-"))
        try:
            with (scratch / "holder.json").open("w") as file:
                json.dump(owner, file)
                file.flush()
                # Else a machine that loses its power may keep the lock without the words.
                os.fsync(file.fileno())
            return self._put(scratch, owner["token"])
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _put(self, scratch: Path, token: str) -> dict | None:
        attempts = ATTEMPTS
        while True:
            try:
                # Onto a directory that holds something it fails: who comes second sees the words of who came first.
                os.rename(scratch, self._path)
                return None
            except OSError:
                holder = self.holder()
                if holder is not None:
                    return None if holder["token"] == token else holder
                # Given back between the two looks, unless it stays so.
                attempts -= 1
                if not attempts:
                    raise

    def free(self, token: str) -> bool:
        """Give the lock of that token back; return whether it was held by it."""
        if self.holder() is None:
            return False
        guard = os.open(self._path.parent, os.O_RDONLY)
        try:
            # Two may find the same holder dead: what the first has taken meanwhile is not the second's to free.
            fcntl.flock(guard, fcntl.LOCK_EX)
            holder = self.holder()
            if holder is None or holder["token"] != token:
                return False
            # Out of the way in one step: an empty directory in its place would be a lock without a holder.
            gone = self._path.with_name(f".freed-{token}")
            shutil.rmtree(gone, ignore_errors=True)
            os.rename(self._path, gone)
            shutil.rmtree(gone, ignore_errors=True)
            return True
        finally:
            os.close(guard)

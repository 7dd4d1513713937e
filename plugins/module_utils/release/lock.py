"""One deploy of an application at a time: a directory on one host, taken and given back in one step each."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

LOCKS = Path("/var/lib/cloche/locks")


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
        """Take the lock for ``owner`` (``token`` tells owners apart); return the holder where somebody else has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self._path.parent, prefix=".lock-"))
        try:
            (scratch / "holder.json").write_text(json.dumps(owner))
            # Renaming onto a directory that holds something fails: who comes second sees the words of who came first.
            os.rename(scratch, self._path)
            return None
        except OSError:
            holder = self.holder()
            if holder is None:
                return self.take(owner)
            return None if holder["token"] == owner["token"] else holder
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def free(self, token: str) -> bool:
        """Give the lock of that token back; return whether it was held by it."""
        holder = self.holder()
        if holder is None or holder["token"] != token:
            return False
        # Out of the way in one step: an empty directory in its place would be a lock without a holder.
        gone = self._path.with_name(f".freed-{token}")
        shutil.rmtree(gone, ignore_errors=True)
        os.rename(self._path, gone)
        shutil.rmtree(gone, ignore_errors=True)
        return True

"""The command: see the package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from snapshot import making
from snapshot.key import PROJECT, SUITE, digest
from snapshot.shelf import Shelf, image_id


def main(directory: Path) -> None:
    """Print the name of the snapshot's image once it is there."""
    if os.environ.get("CLOCHE_COLD"):
        sys.exit("CLOCHE_COLD is set")
    # Else what stands half made stays: the engine's containers do not end with this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shelf = Shelf()
    with shelf.alone():
        subprocess.run([PROJECT / "compose/base/build", SUITE], check=True, stdout=subprocess.DEVNULL, timeout=900)
        print(borrow(shelf, digest(PROJECT, image_id(f"cloche/base:{SUITE}")), directory))


def borrow(shelf: Shelf, wanted: str, directory: Path) -> str:
    """Put a snapshot's secrets into the directory, return its image's name; make it first where it is not there."""
    if not shelf.has(wanted):
        host, folder = f"cloche-snapshot-{shelf.owner}", shelf.folder / "making"
        # What a run has left that was killed.
        making.remove(host, folder)
        try:
            shelf.put(wanted, host, making.make(host, folder))
        finally:
            making.remove(host, folder)
    return shelf.lend(wanted, directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

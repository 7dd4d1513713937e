"""A file is replaced whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def replace_file(path: Path, content: bytes, mode: int) -> None:
    """Put a file with this content in the place of ``path``; until then, and if that fails, the old one is there."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    # The rename itself has to outlive a loss of power.
    with directory(path.parent) as parent:
        os.fsync(parent)


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold the lock of a directory: who reads, changes and writes is alone in it."""
    with directory(place) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def directory(place: Path) -> Iterator[int]:
    """Yield a descriptor of a directory."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)

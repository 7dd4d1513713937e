"""On a host: what has a wheel is installed while the controller still builds the rest."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
from pathlib import Path

from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import gather_wheels, installer, unpack, venv_commands

_DONE = "done"


def place_of(layout: Layout, venv: str) -> Path:
    """Return where an environment is begun; what lies there after a deploy is nobody's."""
    return layout.home / f".ahead-{venv}"


def begin(layout: Layout, upload: Path, kind: str, venv: str, python: str) -> bool:
    """Begin to make an environment of the wheels that were sent, and go on without waiting for it.

    Returns False where somebody else is at it. Raises StagingError for what is no such bundle.
    """
    place = place_of(layout, venv)
    place.mkdir(parents=True, exist_ok=True, mode=0o755)
    with (place / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        for name in ("wheels", "venv", _DONE):
            shutil.rmtree(place / name, ignore_errors=True)
        unpack(upload, place)
        wheels = place / "wheels" / kind
        gather_wheels(layout, wheels)
        commands = venv_commands(installer(layout, wheels), wheels, python, place / "venv")
        line = " && ".join(map(shlex.join, [*commands, ["mkdir", str(place / _DONE)]]))
        with (place / "log").open("w") as log:
            # It keeps the lock, whose end says that it has ended, however it did.
            subprocess.Popen(
                ["nice", "-n", "10", "sh", "-c", line], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, pass_fds=[lock.fileno()],
                env={**os.environ, "UV_CACHE_DIR": str(place / "cache"), "UV_LINK_MODE": "hardlink"},
            )  # fmt: skip
    return True


def take(layout: Layout, venv: str, target: Path) -> bool:
    """Put an environment that was begun in its place, once it is whole; False where there is none to go on with."""
    place = place_of(layout, venv)
    if not place.is_dir():
        return False
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = (place / _DONE).is_dir()
        if whole:
            (place / "venv").rename(target)
        shutil.rmtree(place, ignore_errors=True)
    return whole

"""Other programs, as whom they belong to, and what they say when they fail."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path


class Failed(Exception):
    """A job cannot be done; the text says why, for a person."""


def run(argv: list[str], *, user: str | None = None, environment: dict[str, str] | None = None) -> str:
    """Run a program to its end and return its standard output.

    ``environment`` is added to this process's own. Failed, with the end of what it said, where it does not exit with 0;
    OSError where it cannot be started.
    """
    done = subprocess.run(
        argv, env=os.environ | (environment or {}), cwd="/", user=user, group=user,
        extra_groups=groups(user) if user else None, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failed(f"{Path(argv[0]).name}: {last_words(done.stderr + done.stdout) or f'exit {done.returncode}'}")
    return done.stdout


def groups(user: str) -> list[int]:
    """Return all groups of a user: as postgres needs that of the certificates' keys."""
    return os.getgrouplist(user, pwd.getpwnam(user).pw_gid)


def last_words(text: str, lines: int = 3) -> str:
    """Return the end of an output in one line; of pgBackRest's and PostgreSQL's own, the errors alone."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in said if any(mark in line for mark in ("ERROR:", "FATAL:", "Fatal:"))]
    return "; ".join((errors or said)[-lines:])[:600]


def room_for(folder: Path, size: int) -> None:
    """Fail where a file system has no room for so many bytes, a tenth of them for the log of changes."""
    free = shutil.disk_usage(folder).free
    if free < size * 1.1:
        raise Failed(f"{folder} has {free >> 20} MiB free, the restored cluster needs {int(size * 1.1) >> 20} MiB")

"""Builds that begin before anybody waits for them: meanwhile wheels are fetched, and sent to hosts."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ansible.module_utils.release.pylock import Package
from ansible.module_utils.release.targets import Target, WheelhouseError

if TYPE_CHECKING:
    from ansible.module_utils.release.gathering import Means

_POLL = 0.1
_PROGRAM = """
import sys
import ansible.module_utils
ansible.module_utils.__path__.append(sys.argv[1])
from ansible.module_utils.release import early
early.main()
"""


def begin(packages: list[Package], target: Target, means: Means, kept: Path) -> None:
    """Build wheels into what is kept, in a process of its own; where one is at it, do nothing.

    One that fails is built again by whoever needs it, and says why there.
    """
    place = _place(target, means, kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a") as told:
        try:
            # It keeps the lock as its output, whose end says that it has ended, however it did.
            fcntl.flock(told, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        told.truncate(0)
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(Path(__file__).resolve().parents[1])],
            stdin=subprocess.PIPE, stdout=told, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    with process.stdin as order:
        pickle.dump((packages, target, replace(means, say=_say), kept), order)


def wait(target: Target, means: Means, kept: Path) -> None:
    """Wait for builds that were begun, and tell what they say."""
    place = _place(target, means, kept)
    if not place.is_file():
        return
    with place.open() as told:
        while not _is_over(told.fileno()):
            _relay(told.readlines(), means.say)
            time.sleep(_POLL)
        _relay(told.readlines(), means.say)
    place.unlink(missing_ok=True)


def main() -> None:
    """Build what stdin says."""
    from ansible.module_utils.release.gathering import Gathering

    packages, target, means, kept = pickle.load(sys.stdin.buffer)
    # What is kept has its links from here.
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".early-") as scratch:
        gathering = Gathering(target, Path(scratch), means, kept)
        try:
            gathering.build(packages)
        except WheelhouseError:
            sys.exit(1)


def _place(target: Target, means: Means, kept: Path) -> Path:
    digest = hashlib.sha256(f"{target} {means.digest}".encode()).hexdigest()[:12]
    return kept.with_name(f".building-{digest}")


def _is_over(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _relay(lines: list[str], say: Callable[[str], None]) -> None:
    for line in lines:
        say(line.rstrip("\n"))


def _say(words: str) -> None:
    print(words, flush=True)

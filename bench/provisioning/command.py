"""What the commands of bench/ have in common: they measure, remove what they made, and show it beside its limits."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from provisioning.lab import Lab
from provisioning.process import BenchError
from provisioning.report import Figures, machine

BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print what is being done, with the seconds since the command began."""
    print(f"[{time.monotonic() - BEGAN:5.0f} s] {text}", flush=True)


def make_host(lab: Lab) -> None:
    """Make the host anew, where its making is not measured."""
    lab.remove()
    say("make up, unmeasured")
    lab.up()


def measure(figures: Figures, work: Callable[[], None], remove: Callable[[], None], result: Path) -> int:
    """Do the work and remove what it made, whatever comes of it; keep the figures and print them, the table last.

    Return 1 where a limit is missed.
    """
    found = machine()
    print("machine: {cores} cores, {memory_mb} MiB, load {load}".format(**found), flush=True)
    try:
        work()
    finally:
        say("remove what was made")
        remove()
    found["load_after"] = machine()["load"]
    figures.write(result, found)
    print(f"\nload of the last minute, at the end: {found['load_after']}\n{figures.table()}")
    return int(not all(verdict.kept for verdict in figures.verdicts()))


def run(name: str, command: Callable[[Path], int]) -> int:
    """Return the exit code of a command, which is given a folder for its time; 2: something could not be measured."""
    # So that `finally` also runs where a runner gives up on us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory(prefix="cloche-bench-") as scratch:
            return command(Path(scratch))
    except BenchError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2

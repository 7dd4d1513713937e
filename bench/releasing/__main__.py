"""The command line of bench/release."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from provisioning import report as machines
from provisioning.lab import Lab
from provisioning.process import ROOT, BenchError

from releasing import floor, report
from releasing.deploys import Deploys


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/release", description="Measure a release until it is live.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs with each kind of lock (default 3)")
    parser.add_argument("--name", default="cloche-bench-release", help="name of the measured host")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/release.json", help="where the JSON goes")
    return parser.parse_args()


def say(text: str) -> None:
    print(f"[{time.monotonic() - BEGAN:5.0f} s] {text}", flush=True)


def runs(lab: Lab, figures: report.Measurements, number: int, scratch: Path) -> None:
    """Measure each kind of lock in turn, each release followed by its floor, after one unmeasured release of each."""
    deploys = Deploys(lab, scratch)
    [app] = [path.stem for path in (lab.tree / "bench/inventory/apps").glob("*.yml")]
    say("fill the caches: one release with each kind of lock, unmeasured")
    for lock in report.LOCKS:
        deploys.live(lock_changes=lock == "changed")
    for turn in range(1, number + 1):
        for lock, side in figures.sides.items():
            changes = lock == "changed"
            side.live.append(deploys.live(lock_changes=changes))
            for step, seconds in floor.measure(lab.name, app, install=changes).items():
                side.floor[step].append(seconds)
            say(f"{lock} lock {turn}/{number}: live after {side.live[-1]:.1f} s, floor {side.floors()[-1]:.1f} s")


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """Print the figures, the table last; return 1 where the limit is missed."""
    found = machines.machine()
    print("machine: {cores} cores, {memory_mb} MiB, load {load}".format(**found), flush=True)
    figures = report.Measurements()
    lab = Lab(scratch, options.name)
    try:
        lab.remove()
        say("make up, unmeasured")
        lab.up()
        runs(lab, figures, options.runs, scratch)
    finally:
        say("remove what was made")
        lab.remove()
    found["load_after"] = machines.machine()["load"]
    figures.write(options.result, found)
    print(f"\nload of the last minute, at the end: {found['load_after']}\n{figures.table()}")
    return int(not all(verdict.kept for verdict in figures.verdicts()))


def main() -> int:
    # So that `finally` also runs where a runner gives up on us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    if options.runs < 1:
        print("bench/release: --runs is at least 1", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="cloche-bench-") as scratch:
            return measure(options, Path(scratch))
    except BenchError as error:
        print(f"bench/release: {error}", file=sys.stderr)
        return 2


BEGAN = time.monotonic()
sys.exit(main())

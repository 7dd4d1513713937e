"""The command line of bench/release."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from provisioning import command
from provisioning.command import say
from provisioning.lab import Lab
from provisioning.process import ROOT

from releasing import floor, report
from releasing.deploys import Deploys


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/release", description="Measure a release until it is live.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs with each kind of lock (default 3)")
    parser.add_argument("--name", default="cloche-bench-release", help="name of the measured host")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/release.json", help="where the JSON goes")
    return parser.parse_args()


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
    """Return the exit code, see command.measure."""
    figures, lab = report.Measurements(), Lab(scratch, options.name)

    def work() -> None:
        command.make_host(lab)
        runs(lab, figures, options.runs, scratch)

    return command.measure(figures, work, lab.remove, options.result)


def main() -> int:
    options = arguments()
    if options.runs < 1:
        print("bench/release: --runs is at least 1", file=sys.stderr)
        return 2
    return command.run("bench/release", partial(measure, options))


sys.exit(main())

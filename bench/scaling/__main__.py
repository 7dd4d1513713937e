"""The command line of bench/scale."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from provisioning import command
from provisioning.command import say
from provisioning.process import ROOT

from scaling import measuring, report
from scaling.hosts import Hosts

_COUNTS = (1, 2, 4)
#: Of what a host completes at most.
_PARTS = (0.5, 0.8, 1.1, 1.5)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/scale", description="Measure against the number of hosts.")
    parser.add_argument("--share", type=float, default=0.2, metavar="N", help="of a core for each host (default 0.2)")
    parser.add_argument("--tasks", type=int, default=1500, metavar="N", help="tasks for each host (default 1500)")
    parser.add_argument("--seconds", type=int, default=20, metavar="N", help="of each other measurement (default 20)")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/scale.json", help="where the JSON goes")
    return parser.parse_args()


def runs(options: argparse.Namespace, hosts: Hosts, figures: report.Measurements) -> None:
    """Measure workers, web hosts, then a queue that one host can, and cannot, keep empty."""
    for count in _COUNTS:
        figures.tasks[count], figures.costs[count] = measuring.drained(hosts, count, options.tasks * count)
        say(f"{count} hosts: {figures.tasks[count]:.0f} tasks/s")
    hosts.let_work(0)
    for count in _COUNTS:
        figures.requests[count] = measuring.answered(hosts, count, options.seconds)
        say(f"{count} hosts: {figures.requests[count]:.0f} requests/s")
    figures.depths += measuring.queued(hosts, figures.tasks[1], _PARTS, options.seconds)


def measure(options: argparse.Namespace, _scratch: Path) -> int:
    """Return the exit code, see command.measure."""
    figures, hosts = report.Measurements(options.share), Hosts(options.share)

    def work() -> None:
        hosts.remove()
        say("make up, unmeasured")
        hosts.make()
        runs(options, hosts, figures)

    return command.measure(figures, work, hosts.remove, options.result)


def main() -> int:
    options = arguments()
    if min(options.tasks, options.seconds) < 1 or not 0 < options.share <= 1:
        print("bench/scale: --tasks and --seconds are at least 1, --share is a part of a core", file=sys.stderr)
        return 2
    return command.run("bench/scale", partial(measure, options))


sys.exit(main())

"""The command line of bench/celery."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from provisioning import environments
from provisioning import report as machines
from provisioning.process import ROOT, BenchError

from draining import drain, report
from draining.brokers import Brokers


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/celery", description="Measure how fast a queue is drained.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each case, in turn (default 3)")
    parser.add_argument("--tasks", type=int, default=10_000, metavar="N", help="tasks of each run (default 10000)")
    parser.add_argument("--name", default="cloche-bench-celery", help="name of the brokers' container")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/celery.json", help="where the JSON goes")
    return parser.parse_args()


def say(text: str) -> None:
    print(f"[{time.monotonic() - BEGAN:5.0f} s] {text}", flush=True)


def runs(options: argparse.Namespace, brokers: Brokers, figures: report.Measurements, scratch: Path) -> None:
    """Measure the cases in turn, each on an empty broker."""
    python = environments.install(ROOT / "app/requirements.txt", ROOT / ".cache/bench-celery-venv")
    for turn in range(1, options.runs + 1):
        for case, rates in figures.rates.items():
            url = brokers.redis() if case is report.TUTORIAL else brokers.rabbitmq()
            rates.append(drain.measure(python, case.settings, url, options.tasks, case.prefetch, scratch / "run"))
            say(f"{turn}/{options.runs} {case.text}: {rates[-1]:.0f}/s")


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """Print the figures, the table last; return 1 where a limit is missed."""
    found = machines.machine()
    print("machine: {cores} cores, {memory_mb} MiB, load {load}".format(**found), flush=True)
    figures = report.Measurements()
    brokers = Brokers(options.name)
    try:
        say("install RabbitMQ and Redis in a container")
        brokers.start()
        runs(options, brokers, figures, scratch)
    finally:
        say("remove what was made")
        brokers.remove()
    found["load_after"] = machines.machine()["load"]
    figures.write(options.result, found)
    print(f"\nload of the last minute, at the end: {found['load_after']}\n{figures.table()}")
    return int(not all(verdict.kept for verdict in figures.verdicts()))


def main() -> int:
    # So that `finally` also runs where a runner gives up on us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    if min(options.runs, options.tasks) < 1:
        print("bench/celery: --runs and --tasks are at least 1", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="cloche-bench-") as scratch:
            return measure(options, Path(scratch))
    except BenchError as error:
        print(f"bench/celery: {error}", file=sys.stderr)
        return 2


BEGAN = time.monotonic()
sys.exit(main())

"""The command line of bench/celery."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from provisioning import command
from provisioning.command import say
from provisioning.lab import Lab
from provisioning.process import ROOT, docker

from draining import report
from draining.brokers import Brokers

_SCRIPTS = ("by_hand.py", "cases.py")
#: On the host; what lies in memory, as /tmp, is not reached by the engine.
_PLACE = "/opt/bench"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/celery", description="Measure how fast a queue is drained.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each case, in turn (default 3)")
    parser.add_argument("--tasks", type=int, default=10_000, metavar="N", help="tasks of each run (default 10000)")
    parser.add_argument("--name", default="cloche-bench-celery", help="name of the measured host")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/celery.json", help="where the JSON goes")
    return parser.parse_args()


def drained(lab: Lab, app: str, case: report.Case, url: str, tasks: int) -> float:
    """Return the tasks a second that a worker drains on the host, as the application's user, see by_hand.py."""
    variables = [f"PYTHONPATH={_PLACE}:.", f"BENCH_CASE={case.settings}", f"BENCH_BROKER={url}"]
    # Celery takes these from the environment before its settings.
    without = ["--unset=CELERY_BROKER_URL", "--unset=CELERY_RESULT_BACKEND"]
    words = [f"/srv/{app}/current/run", "env", *without, *variables, "python", f"{_PLACE}/by_hand.py", str(tasks)]
    output = docker("exec", lab.name, *words, str(case.prefetch), timeout=600)
    return json.loads(output.decode().splitlines()[-1])["tasks_per_second"]


def runs(options: argparse.Namespace, lab: Lab, figures: report.Measurements) -> None:
    """Measure the cases in turn, each on an empty broker."""
    [app] = [path.stem for path in (lab.tree / "bench/inventory/apps").glob("*.yml")]
    docker("exec", lab.name, "mkdir", _PLACE)
    for script in _SCRIPTS:
        docker("cp", str(Path(__file__).with_name(script)), f"{lab.name}:{_PLACE}/{script}")
    brokers = Brokers(lab.name)
    brokers.start()
    for turn in range(1, options.runs + 1):
        for case, rates in figures.rates.items():
            url = brokers.redis() if case is report.TUTORIAL else brokers.rabbitmq()
            rates.append(drained(lab, app, case, url, options.tasks))
            say(f"{turn}/{options.runs} {case.text}: {rates[-1]:.0f}/s")


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """Return the exit code, see command.measure."""
    figures, lab = report.Measurements(), Lab(scratch, options.name)

    def work() -> None:
        command.make_host(lab)
        runs(options, lab, figures)

    return command.measure(figures, work, lab.remove, options.result)


def main() -> int:
    options = arguments()
    if min(options.runs, options.tasks) < 1:
        print("bench/celery: --runs and --tasks are at least 1", file=sys.stderr)
        return 2
    return command.run("bench/celery", partial(measure, options))


sys.exit(main())

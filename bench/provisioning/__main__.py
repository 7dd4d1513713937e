"""The command line of bench/provision."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from provisioning import bare, command, report, twin
from provisioning.command import say
from provisioning.lab import Lab
from provisioning.process import ROOT


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/provision", description="Measure provisioning beside its peers.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="converged runs of each side (default 3)")
    parser.add_argument("--cold-runs", type=int, default=1, metavar="N", help="cold runs of each side; 0: not measured")
    parser.add_argument("--connection", choices=["ssh", "docker"], default="ssh", help="how pyinfra reaches the host")
    parser.add_argument("--name", default="cloche-bench", help="name of the measured host (default cloche-bench)")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/provision.json", help="where the JSON goes")
    return parser.parse_args()


def cold(lab: Lab, figures: report.Measurements, runs: int) -> None:
    """Measure from nothing; the last run leaves the host for the converged ones. Without runs, only make the host."""
    for number in range(1, runs + 1):
        say(f"cold {number}/{runs}: bare apt")
        figures.bare_apt.append(bare.apt(f"{lab.name}-bare", lab.packages()))
        say(f"cold {number}/{runs}: bare apt {figures.bare_apt[-1]:.1f} s; bare uv")
        figures.bare_uv.append(bare.uv())
        lab.remove()
        say(f"cold {number}/{runs}: bare uv {figures.bare_uv[-1]:.1f} s; make up")
        figures.cold.append(lab.up())
        say(f"cold {number}/{runs}: make up {figures.cold[-1]:.1f} s")
    if not runs:
        command.make_host(lab)


def converged(lab: Lab, figures: report.Measurements, runs: int, work: Path, connection: str) -> None:
    """Measure runs that change nothing, the two sides in turn, after one unmeasured run of each."""
    say("install pyinfra, prepare its twin, first run of each side")
    twin.install()
    audit = lab.audit()
    peer = twin.Twin(lab, work, connection)
    figures.tasks, figures.host_operations = audit.tasks, audit.host_operations
    first = peer.run()
    figures.twin_operations, figures.twin_facts = first.operations, first.facts
    for number in range(1, runs + 1):
        figures.converged.append(lab.site())
        figures.twin.append(peer.run().seconds)
        say(f"converged {number}/{runs}: site.yml {figures.converged[-1]:.1f} s, pyinfra {figures.twin[-1]:.1f} s")
    print("\nThe slowest tasks of a converged run, ms:")
    for milliseconds, task in audit.slowest:
        print(f"{milliseconds:7}  {task}")


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """Return the exit code, see command.measure."""
    figures, lab = report.Measurements([], [], [], [], []), Lab(scratch, options.name)

    def work() -> None:
        cold(lab, figures, options.cold_runs)
        if options.runs:
            converged(lab, figures, options.runs, scratch / "twin", options.connection)

    def remove() -> None:
        bare.remove_apt(f"{lab.name}-bare")
        lab.remove()

    return command.measure(figures, work, remove, options.result)


sys.exit(command.run("bench/provision", partial(measure, arguments())))

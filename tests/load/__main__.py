"""The command line; see the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from load import generator, marks, plan, report, samples, saturation, verdict


def run(chosen: argparse.Namespace) -> int:
    generator.run(plan.from_options(chosen), chosen.out)
    return 0


def judge(chosen: argparse.Namespace) -> int:
    """Print the verdict as JSON; return 1 where something was dropped."""
    found = verdict.judge(chosen.samples, spans_of(chosen), chosen.bound)
    print(verdict.as_json(found), end="")
    return int(bool(found["dropped"]))


def write_report(chosen: argparse.Namespace) -> int:
    """Write figures and picture; return 1 where something was dropped."""
    found = report.write(samples.read(chosen.samples), spans_of(chosen), chosen.out)
    print("\n".join(found["dropped"]) or "nothing was dropped")
    return int(bool(found["dropped"]))


def saturate(chosen: argparse.Namespace) -> int:
    """Print as JSON what wrk got; return 1 where something failed."""
    planned = plan.from_options(chosen)
    if chosen.post:
        found = saturation.saturate_ledger(planned, int(planned.seconds), chosen.connections)
    else:
        url = planned.base_urls[0].rstrip("/") + planned.paths[0]
        got = saturation.saturate(url, int(planned.seconds), chosen.connections)
        found = {"rate": got.rate, "failed": got.failed, **vars(got)}
    print(verdict.as_json(found), end="")
    return int(bool(found["failed"]))


def spans_of(chosen: argparse.Namespace) -> list[marks.Span]:
    return marks.read(chosen.marks) if chosen.marks else []


def add_files(command: argparse.ArgumentParser) -> None:
    command.add_argument("samples", type=Path, help="what run has written")
    command.add_argument("marks", type=Path, nargs="?", help="what happened meanwhile, written under CLOCHE_MARKS")


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="load", description="Open-loop load, and what came of it.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="send requests until --seconds, SIGTERM or the stop file")
    command.add_argument("--out", type=Path, required=True, help="file that gets a line of JSON for each request")
    plan.add_options(command)
    command.set_defaults(run=run)
    command = commands.add_parser("verdict", help="wait for the accepted tasks, then tell the figures")
    add_files(command)
    command.add_argument("--bound", type=float, default=120, metavar="SECONDS", help="how long to wait (default 120)")
    command.set_defaults(run=judge)
    command = commands.add_parser("report", help="the figures and a picture, after the verdict")
    add_files(command)
    command.add_argument("--out", type=Path, required=True, help="directory for figures.json and picture.svg")
    command.set_defaults(run=write_report)
    command = commands.add_parser("saturate", help="as many requests as wrk gets through in --seconds")
    command.add_argument("--post", action="store_true", help="post ledger entries instead of getting the path")
    command.add_argument("--connections", type=int, default=32, metavar="N", help="at once (default 32)")
    plan.add_options(command)
    command.set_defaults(run=saturate)
    chosen = parser.parse_args()
    return chosen.run(chosen)


sys.exit(main())

"""The command line; see the package."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from load import generator, marks, plan, samples, verdict


def run(chosen: argparse.Namespace) -> int:
    generator.run(plan.from_options(chosen), chosen.out)
    return 0


def judge(chosen: argparse.Namespace) -> int:
    """Print the verdict as JSON; return 1 where something was dropped."""
    spans = marks.read(chosen.marks) if chosen.marks else []
    found = verdict.judge(samples.read(chosen.samples), spans, chosen.bound)
    print(json.dumps(found, indent=2))
    return int(bool(found["dropped"]))


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="load", description="Open-loop load, and what came of it.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="send requests until --seconds, SIGTERM or the stop file")
    command.add_argument("--out", type=Path, required=True, help="file that gets a line of JSON for each request")
    plan.add_options(command)
    command.set_defaults(run=run)
    command = commands.add_parser("verdict", help="wait for the accepted tasks, then tell the figures")
    command.add_argument("samples", type=Path, help="what run has written")
    command.add_argument("marks", type=Path, nargs="?", help="what happened meanwhile, written under CLOCHE_MARKS")
    command.add_argument("--bound", type=float, default=120, metavar="SECONDS", help="how long to wait (default 120)")
    command.set_defaults(run=judge)
    chosen = parser.parse_args()
    return chosen.run(chosen)


sys.exit(main())

"""The command line: see the package."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import httpx
from load.process import LoadError

from drills import drill, report, results
from drills.faults import FAULTS
from drills.stack import PROJECT, Stack, of_environment


def main() -> int:
    """Run drills one by one; return 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="drill", description="Inject faults under load and say what came of them.")
    parser.add_argument("environment", help="one whose hosts are containers of this machine")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"which of them: {', '.join(FAULTS)} (default: all)")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.faults if name not in FAULTS]:
        parser.error(f"no fault {unknown[0]}; there are: {', '.join(FAULTS)}")
    stack = of_environment(chosen.environment)
    folder = PROJECT / ".cache/drills" / stack.name
    failed = [name for name in chosen.faults or _fitting(stack) if not _run(name, stack, folder)]
    _report(stack, folder)
    if failed:
        print(f"does not hold: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _fitting(stack: Stack) -> list[str]:
    return [name for name, kind in FAULTS.items() if kind().fits(stack)]


def _run(name: str, stack: Stack, folder: Path) -> bool:
    """Run a drill, keep and print its result; return whether all of it holds. One that can't be run does not."""
    try:
        outcome = drill.run(FAULTS[name](), stack, folder, lambda words: print(f"  {name}: {words}", flush=True))
    except (AssertionError, LoadError, OSError, ValueError, subprocess.SubprocessError, httpx.HTTPError) as error:
        print(f"  {name}: could not be run: {error}", flush=True)
        return False
    result = results.of(outcome)
    results.keep(result, folder)
    print(report.row(result), flush=True)
    return not outcome.broken


def _report(stack: Stack, folder: Path) -> None:
    """Write the report on the newest result of each fault that the environment has hosts for, run or not."""
    fitting = {name: FAULTS[name] for name in _fitting(stack)}
    found = results.newest(list(fitting), folder)
    # Environments of one host differ in nothing that a drill tells.
    page = PROJECT / "docs" / ("drills.md" if len(stack.machines()) == 1 else f"drills-{stack.name}.md")
    picture = page.with_suffix(".svg")
    page.write_text(report.text(stack.name, fitting, found, picture.name), encoding="utf-8")
    report.draw(found, picture)
    print(f"the report is in docs/{page.name}", flush=True)


sys.exit(main())

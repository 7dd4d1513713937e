"""The command line: see the package."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from drills import drill, report
from drills.faults import FAULTS
from drills.host import of_environment

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run drills one by one; return 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="drill", description="Inject faults under load and say what came of them.")
    parser.add_argument("environment", help="one under inventories/ that is one container of this machine")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"which of them: {', '.join(FAULTS)} (default: all)")
    parser.add_argument("--report", type=Path, help="also write the table there")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.faults if name not in FAULTS]:
        parser.error(f"no fault {unknown[0]}; there are: {', '.join(FAULTS)}")
    host = of_environment(PROJECT / "inventories" / chosen.environment)
    folder, outcomes = PROJECT / ".cache/drills", []
    names = chosen.faults or list(FAULTS)
    for number, name in enumerate(names, 1):
        fault = FAULTS[name]()
        at = f"{number}/{len(names)} {name}"
        outcome = drill.run(fault, host, folder, lambda words, at=at: print(f"{at}: {words}", flush=True))
        print(report.row(outcome), flush=True)
        report.draw(outcome, folder)
        outcomes.append(outcome)
    revision = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True)
    told = report.text(outcomes, f"{chosen.environment}, revision {revision.stdout.strip()}, {os.cpu_count()} cores")
    for path in [folder / "report.md", *([chosen.report] if chosen.report else [])]:
        path.write_text(told, encoding="utf-8")
    return int(any(outcome.broken for outcome in outcomes))


sys.exit(main())

"""The command line of bench/install."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from provisioning import command
from provisioning.command import say
from provisioning.lab import Lab
from provisioning.process import ROOT

from installing import report
from installing.bare import Bare
from installing.kit import Kit

#: Of these some have no wheel, and their builds want the headers of libraries.
_PACKAGE = "weblate[all]==5.17.1"
_BUILD_PACKAGES = (
    "libcairo2-dev", "pkg-config", "libgirepository-2.0-dev", "libldap-dev", "libsasl2-dev", "libacl1-dev",
    "libssl-dev", "liblz4-dev", "libzstd-dev", "libxxhash-dev",
)  # fmt: skip


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/install", description="Measure the installation of a large package.")
    parser.add_argument("--runs", type=int, default=2, metavar="N", help="runs of each, by turns (default 2)")
    parser.add_argument(
        "--package", default=_PACKAGE, metavar="REQUIREMENT", help=f"what to install (default {_PACKAGE})"
    )
    parser.add_argument("--build-packages", nargs="*", default=_BUILD_PACKAGES, help="Debian packages that builds need")
    parser.add_argument("--name", default="cloche-bench-install", help="name of the host")
    parser.add_argument("--result", type=Path, default=ROOT / ".cache/bench/install.json", help="where the JSON goes")
    return parser.parse_args()


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """Return the exit code, see command.measure."""
    figures, lab = report.Measurements(options.package), Lab(scratch, options.name)
    kit = Kit(lab, scratch, options.package, options.build_packages)
    bare = Bare(scratch, options.package, options.build_packages)

    def work() -> None:
        say("the container that builds, unmeasured")
        bare.prepare()
        for number in range(1, options.runs + 1):
            installed, compiled = bare.seconds()
            figures.bare.append(installed)
            figures.compiled.append(installed + compiled)
            say(
                f"{number}/{options.runs}: uv pip install {installed:.1f} s, {compiled:.1f} s to compile byte code;"
                " a fresh host, unmeasured"
            )
            kit.fresh_host()
            seconds, figures.packages = kit.seconds()
            figures.kit.append(seconds)
            say(f"{number}/{options.runs}: the kit {figures.kit[-1]:.1f} s")

    return command.measure(figures, work, lab.remove, options.result)


def main() -> int:
    options = arguments()
    if options.runs < 1:
        print("bench/install: --runs is at least 1", file=sys.stderr)
        return 2
    return command.run("bench/install", partial(measure, options))


sys.exit(main())

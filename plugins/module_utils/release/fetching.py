"""Brings wheels here, several at a time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ansible.module_utils.release import direct
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.progress import Progress
from ansible.module_utils.release.pylock import Package
from ansible.module_utils.release.targets import Target, WheelhouseError

#: Side by side: each spends most of its time on the network.
_PROCESSES = 6
#: Wheels below which another process costs more than it saves.
_LEAST = 8
#: How pip says that it is at the next one.
_BEGUN = ("Collecting ", "Processing ")
_PIP = ("-u", "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--no-deps", "--only-binary=:all:")


def download(
    packages: list[Package], target: Target, destination: Path, index: PackageIndex, progress: Progress
) -> None:
    """Fetch the wheels of packages into a directory, with pip where need be; raise WheelhouseError with its words."""
    packages = direct.fetch(packages, destination, index, progress)
    # One line with a hash, and pip wants one of all.
    groups = [[p for p in packages if bool(p.wheel.hashes) == hashed] for hashed in (True, False)]
    shares = []
    for group in groups:
        count = min(_PROCESSES, -(-len(group) // _LEAST))
        # The large ones in turn, so that all end at about the same time.
        by_size = sorted(group, key=lambda package: package.wheel.size, reverse=True)
        shares += [by_size[number::count] for number in range(count)]
    if not shares:
        return
    fetch = partial(_fetch, target=target, destination=destination, index=index, progress=progress)
    with ThreadPoolExecutor(_PROCESSES) as pool:
        list(pool.map(fetch, shares))


def _fetch(packages: list[Package], target: Target, destination: Path, index: PackageIndex, progress: Progress) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        for package in packages:
            wanted.write(f"{package.wheel.requirement(package.name)}\n")
        wanted.flush()
        options = [*target.pip_options(), "--dest", str(destination), "--requirement", wanted.name]
        process = subprocess.Popen(
            [sys.executable, *_PIP, *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=index.environment(),
        )  # fmt: skip
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith(_BEGUN):
                progress.step()
        if process.wait():
            words = index.redacted("".join(line for line in said if not line.startswith((*_BEGUN, "  "))))
            raise WheelhouseError(f"no wheels for {target.name}: {words.strip()[-2000:]}")

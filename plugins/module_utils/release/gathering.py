"""Gathers the wheels that requirements ask for: kept ones, then what indexes have, then what must be built."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from ansible.module_utils.release.building import build_wheel
from ansible.module_utils.release.fetching import download
from ansible.module_utils.release.markers import decide, hashes, name_of
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.progress import Progress
from ansible.module_utils.release.pylock import Package, packages
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.resolving import resolve
from ansible.module_utils.release.targets import Target
from ansible.module_utils.release.wheel_cache import WheelCache
from ansible.module_utils.release.workshop import Workshop

#: Builds side by side: one waits for packages that it needs while another compiles.
_BUILDS = max(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Means:
    """What wheels are made with.

    ``installer`` is the pinned requirement of uv, which travels with the wheels: on the host it installs forty of
    them in half a second. ``project`` is the kit's root, ``packages`` are Debian packages that builds need, ``say`` is
    told how far it is.
    """

    installer: str
    project: Path = Path()
    packages: tuple[str, ...] = ()
    index: PackageIndex = field(default_factory=PackageIndex)
    say: Callable[[str], None] = lambda words: None

    @property
    def digest(self) -> str:
        """Return what of it decides the wheels."""
        return " ".join([self.installer, *sorted(self.packages), self.index.name])


class Gathering:
    """The wheels for one target in ``destination``; what was fetched and built before is below ``kept``.

    Without ``builds`` only those that are there; ``unbuilt`` tells the names of the others then.
    """

    def __init__(self, target: Target, destination: Path, means: Means, kept: Path, *, builds: bool = True) -> None:
        self._target, self._destination, self._means, self._builds = target, destination, means, builds
        self.unbuilt: list[str] = []
        self._fetched = WheelCache(kept, str(target))
        # What was built with other Debian packages may lack what these make possible.
        self._built = WheelCache(kept, f"{target} {' '.join(sorted(means.packages))}")
        packages, cache = list(means.packages), kept.with_name("workshop")
        self._workshop = Workshop(means.project, target, packages, means.index, cache)

    def bring(self, requirements: Requirements) -> None:
        """Bring the wheels that requirements ask for."""
        entries = decide(requirements.text, self._target.full_version, self._target.machine)
        if entries is not None:
            self.pinned(entries, requirements.root)
            self._further(requirements, entries)
        elif requirements.further:
            text = "\n".join([requirements.text, *requirements.further])
            self._bring(self._resolve(Requirements(requirements.root, text), complete=False))
        else:
            self._bring(self._resolve(requirements, complete=False))

    def _further(self, requirements: Requirements, entries: list[str]) -> None:
        """Bring what is asked for besides a lock: what the lock has stays, and decides the versions of the rest."""
        there = {name_of(entry) for entry in entries}
        lacking = [wanted for wanted in requirements.further if name_of(wanted) not in there]
        if not lacking:
            return
        with tempfile.TemporaryDirectory(prefix="cloche-constraints-") as scratch:
            pins = Path(scratch, "pins.txt")
            names = (re.sub(r"\[.*?\]", "", entry.split()[0]) for entry in entries)
            pins.write_text("\n".join(name for name in names if "==" in name))
            text = "\n".join([*lacking, f"-c {pins}"])
            found = self._resolve(Requirements(requirements.root, text), complete=False)
        self._bring([package for package in found if package.name not in there])

    def pinned(self, entries: list[str], root: Path) -> None:
        """Bring the wheels of pinned requirements, and of nothing that they need in turn."""
        lacking = self._built.take(self._fetched.take(entries, self._destination), self._destination)
        found = self._resolve(Requirements(root, "\n".join(lacking)), complete=True) if lacking else []
        # Kept under the lock's own words: the next time no index is asked.
        written = {name_of(entry): entry for entry in lacking}
        self._bring([replace(package, entry=written[package.name]) for package in found])

    def project(self, root: Path, version: str) -> None:
        """Build the wheel of the source itself."""
        self._make(Package("the application", "", directory=root), version)

    def _resolve(self, requirements: Requirements, *, complete: bool) -> list[Package]:
        with tempfile.TemporaryDirectory(prefix="cloche-requirements-") as scratch:
            file = requirements.file or Path(scratch, "requirements.txt")
            if requirements.file is None:
                file.write_text(requirements.text)
            root, index = requirements.root, self._means.index
            lock = resolve(file, root, self._target, index, self._workshop, complete=complete)
        return packages(lock, root, self._target, hashes(requirements.text))

    def _bring(self, found: list[Package]) -> None:
        """Fetch what has a wheel while what has none is built: one waits for the network, the other for processors."""
        if not self._builds:
            self._fetch([package for package in found if package.wheel])
            self.unbuilt += [package.name for package in self._to_be_built(found)]
            return
        with ThreadPoolExecutor(_BUILDS + 1) as pool:
            fetching = pool.submit(self._fetch, [package for package in found if package.wheel])
            building = [pool.submit(self._make, package) for package in self._to_be_built(found)]
        for job in (fetching, *building):
            job.result()

    def _fetch(self, found: list[Package]) -> None:
        wheels = {package.entry: package for package in found}
        lacking = self._fetched.take(list(wheels), self._destination)
        progress = Progress(self._means.say, f"wheels for {self._target.name}", len(lacking))
        wanted = [wheels[entry] for entry in lacking]
        download(wanted, self._target, self._destination, self._means.index, progress)
        self._fetched.keep(lacking, self._destination)

    def _to_be_built(self, found: list[Package]) -> list[Package]:
        sources = {package.entry: package for package in found if not package.wheel}
        # A directory's entry does not tell what is in it.
        lacking = self._built.take([e for e, package in sources.items() if not package.directory], self._destination)
        wanted = [package for entry, package in sources.items() if package.directory or entry in lacking]
        # The large ones first: what takes longest must not begin last.
        return sorted(wanted, key=lambda package: package.source.size if package.source else 0, reverse=True)

    def _make(self, package: Package, version: str = "") -> None:
        self._means.say(f"builds a wheel of {package.name} for {self._target.name}")
        build_wheel(package, self._target, self._means.index, self._workshop, self._destination, version)
        # At once: another one may fail.
        self._built.keep([] if package.directory else [package.entry], self._destination)

"""The other side: `uv venv` and `uv pip install` in a container of the same Debian, with the same headers."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import ansible.module_utils
from provisioning.process import ROOT, BenchError

ansible.module_utils.__path__.append(str(ROOT / "plugins/module_utils"))

from ansible.module_utils.release.package_index import PackageIndex  # noqa: E402
from ansible.module_utils.release.resolving import uv  # noqa: E402
from ansible.module_utils.release.targets import Target  # noqa: E402
from ansible.module_utils.release.workshop import Workshop  # noqa: E402

_TRIXIE = Target("3.13", "x86_64", "2.41", "3.13.5")
# As the container sees it: there is no bench/ in it that `..` could lead out of.
_UV = Path(uv()).resolve()
_TIMED = (
    'began=$(date +%s%N); "$0" venv --quiet --python /usr/bin/python3 venv &&'
    ' UV_CACHE_DIR="$PWD/cache" "$0" pip install --quiet --python venv/bin/python "$1" &&'
    ' echo "took $(($(date +%s%N) - began))" &&'
    # What the kit does besides, with all processors as uv does it; some packages bring files that are no Python.
    " began=$(date +%s%N) && { venv/bin/python -m compileall -q -j 0 venv/lib >/dev/null 2>&1 || true; } &&"
    ' echo "compiled $(($(date +%s%N) - began))"'
)


class Bare:
    """Containers like those in which the kit builds what has no wheel; the same index, the same network."""

    def __init__(self, scratch: Path, package: str, build_packages: Sequence[str]) -> None:
        self._scratch, self._package = scratch, package
        self._workshop = Workshop(ROOT, _TRIXIE, list(build_packages), PackageIndex())

    def prepare(self) -> None:
        """Make the container's image."""
        self._run("true")

    def seconds(self) -> tuple[float, float]:
        """Return the seconds of installing the package, from a cold cache, and of compiling it then."""
        words = self._run("sh", "-c", _TIMED, str(_UV), self._package).split()
        installed, compiled = (int(words[words.index(word) + 1]) / 1e9 for word in ("took", "compiled"))
        return installed, compiled

    def _run(self, *command: str) -> str:
        with tempfile.TemporaryDirectory(dir=self._scratch) as place:
            done = self._workshop.run(*command, writable=Path(place), readable=[_UV])
        if done.returncode:
            raise BenchError(f"{command[-1]} can't be installed: {(done.stderr or done.stdout)[-3000:]}")
        print(done.stderr, end="", file=sys.stderr)
        return done.stdout

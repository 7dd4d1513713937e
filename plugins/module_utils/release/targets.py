"""A kind of target: which wheels an interpreter on a host takes, and what pip and uv call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Debian releases by their C library, as __wired_glibc has them by number.
SUITES = {"2.36": "bookworm", "2.41": "trixie"}
#: Minor versions of glibc that uv has a platform for.
_UV_KNOWS = (17, 28, *range(31, 41))


class WheelhouseError(Exception):
    """The wheels can't be had; the message carries the tool's words and the remedy."""


@dataclass(frozen=True)
class Target:
    """An interpreter on a kind of host: ``python`` as ``3.13``, ``machine`` as ``x86_64``, ``glibc`` as ``2.41``.

    ``python_full`` as ``3.13.5``: there are markers that tell 3.11.2 from 3.11.3.
    """

    python: str
    machine: str
    glibc: str
    python_full: str = ""

    @property
    def name(self) -> str:
        return f"{self.interpreter}-{self.machine}"

    @property
    def interpreter(self) -> str:
        """Return the interpreter's tag, which is that of its ABI as well."""
        return f"cp{self.python.replace('.', '')}"

    @property
    def full_version(self) -> str:
        return self.python_full or f"{self.python}.0"

    @property
    def suite(self) -> str | None:
        """Return the Debian release of the target; None where it is not known."""
        return SUITES.get(self.glibc)

    def platforms(self) -> list[str]:
        """Return the tags of platforms whose wheels run there, the newest first."""
        major, newest = (int(part) for part in self.glibc.split("."))
        numbered = [f"manylinux_{major}_{minor}_{self.machine}" for minor in range(newest, 4, -1)]
        return numbered + [
            f"{name}_{self.machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")
        ]

    def pip_options(self) -> list[str]:
        """Return the options that make pip choose wheels for this target instead of for the controller."""
        options = ["--python-version", self.python, "--implementation", "cp"]
        for tag in (self.interpreter, "abi3", "none"):
            options += ["--abi", tag]
        for platform in self.platforms():
            options += ["--platform", platform]
        return options

    def uv_options(self) -> list[str]:
        """Return the options that make uv resolve for this target; of glibc the newest that it knows."""
        newest = int(self.glibc.rpartition(".")[2])
        known = max((minor for minor in _UV_KNOWS if minor <= newest), default=_UV_KNOWS[0])
        return ["--python-version", self.full_version, "--python-platform", f"{self.machine}-manylinux_2_{known}"]

    def tags(self) -> list[Any]:
        """Return the tags of the wheels that the target takes, as ``packaging`` has them, the best first."""
        from packaging.tags import compatible_tags, cpython_tags

        version, platforms = tuple(int(part) for part in self.python.split(".")), self.platforms()
        return [
            *cpython_tags(version, [self.interpreter], platforms),
            *compatible_tags(version, self.interpreter, platforms),
        ]

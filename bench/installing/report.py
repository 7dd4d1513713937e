"""Figures, the limit and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from provisioning.report import Figures, Verdict

RATIO = 1.2


@dataclass
class Measurements(Figures):
    """Seconds of each run, and how many packages were installed."""

    package: str
    bare: list[float] = field(default_factory=list)
    compiled: list[float] = field(default_factory=list)
    kit: list[float] = field(default_factory=list)
    packages: int = 0

    def verdicts(self) -> list[Verdict]:
        """Return what the limit says."""
        return [Verdict("installation: the kit / uv pip install", median(self.kit) / median(self.bare), RATIO, "x")]

    def table(self) -> str:
        """Return the medians with their runs, then the verdict."""
        rows = {
            "uv pip install, bare": (self.bare, "cold cache, byte code not compiled"),
            "the same, and byte code compiled": (self.compiled, "cold cache; of no limit"),
            "the kit's deploy until it is installed": (self.kit, "cold cache, byte code compiled"),
        }
        lines = [f"{self.package}: {self.packages} packages", f"{'':42} {'median s':>8}  {'runs':24} of"]
        for what, (seconds, remark) in rows.items():
            runs = " ".join(f"{value:.1f}" for value in seconds)
            lines.append(f"{what:42} {median(seconds):8.1f}  {runs:24} {remark}")
        return "\n".join([*lines, "", *map(str, self.verdicts())])

"""Figures, limits and how they are shown."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

RATIO_COLD = 1.5
RATIO_CONVERGED = 1.0
SECONDS_CONVERGED = 10.0


@dataclass(frozen=True)
class Verdict:
    """A figure beside its limit; ``unit`` is ``x`` for a ratio and ``s`` for seconds."""

    what: str
    figure: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.figure <= self.limit

    def __str__(self) -> str:
        text = f"{self.figure:.2f} {self.unit}, limit {self.limit:g} {self.unit}"
        return f"{self.what:40} {text:28} {'kept' if self.kept else 'MISSED'}"


class AtLeast(Verdict):
    """A figure that must not be below its limit."""

    @property
    def kept(self) -> bool:
        return self.figure >= self.limit


class Figures(ABC):
    """What was measured; a dataclass."""

    @abstractmethod
    def verdicts(self) -> list[Verdict]:
        """Return what the limits say."""

    @abstractmethod
    def table(self) -> str:
        """Return the medians with their runs, then the verdicts."""

    def values(self) -> dict[str, object]:
        """Return all figures, as JSON can hold them."""
        return asdict(self)

    def write(self, path: Path, machine: dict[str, object]) -> None:
        """Keep all figures and verdicts as JSON."""
        verdicts = [{**asdict(verdict), "kept": verdict.kept} for verdict in self.verdicts()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"machine": machine, **self.values(), "verdicts": verdicts}, indent=2) + "\n")


@dataclass
class Measurements(Figures):
    """Seconds of each run, and how much work the converged runs are."""

    cold: list[float]
    bare_apt: list[float]
    bare_uv: list[float]
    converged: list[float]
    twin: list[float]
    host_operations: int = 0
    tasks: int = 0
    twin_operations: int = 0
    twin_facts: int = 0

    def verdicts(self) -> list[Verdict]:
        """Return what the limits say; nothing about what was not measured."""
        found = []
        if self.bare_apt:
            ratio = median(self.cold) / (median(self.bare_apt) + median(self.bare_uv))
            found.append(Verdict("cold: make up / (apt + uv)", ratio, RATIO_COLD, "x"))
        if self.converged:
            seconds = median(self.converged)
            found.append(Verdict("converged: site.yml / pyinfra", seconds / median(self.twin), RATIO_CONVERGED, "x"))
            found.append(Verdict("converged: site.yml", seconds, SECONDS_CONVERGED, "s"))
        return found

    def table(self) -> str:
        """Return the medians with their runs, then the verdicts."""
        rows = [
            ("cold: make up", self.cold, "fresh host, no wheel cached"),
            ("cold: apt, bare", self.bare_apt, "the same packages, fresh host"),
            ("cold: uv pip install, bare", self.bare_uv, "app/requirements.txt, cold cache"),
            (
                "converged: site.yml",
                self.converged,
                f"{self.tasks} tasks, {self.host_operations} operations on the host",
            ),
            (
                "converged: pyinfra",
                self.twin,
                f"{self.twin_operations} operations and {self.twin_facts} facts on the host",
            ),
        ]
        lines = [f"{'':28} {'median s':>8}  {'runs':24} of"]
        for what, seconds, remark in rows:
            if seconds:
                runs = " ".join(f"{value:.1f}" for value in seconds)
                lines.append(f"{what:28} {median(seconds):8.1f}  {runs:24} {remark}")
        return "\n".join([*lines, "", *(str(verdict) for verdict in self.verdicts())])


def machine() -> dict[str, object]:
    """Return cores, memory in MiB and the load of the last minute."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {"cores": len(os.sched_getaffinity(0)), "memory_mb": memory, "load": round(os.getloadavg()[0], 2)}

"""Figures, limits and how they are shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median

from provisioning.report import AtLeast, Figures, Verdict


@dataclass(frozen=True)
class Case:
    """Settings and prefetch that are measured, and what a reader calls them."""

    settings: str
    prefetch: int
    text: str


#: The first is what the sample application runs with.
GARDEN, *OTHERS = CASES = (
    Case("garden", 8, "quorum, late acks, prefetch 8"),
    Case("garden", 1, "quorum, late acks, prefetch 1"),
    Case("garden", 4, "quorum, late acks, prefetch 4"),
    Case("garden", 16, "quorum, late acks, prefetch 16"),
    Case("garden", 32, "quorum, late acks, prefetch 32"),
    Case("classic", 4, "classic, early acks, prefetch 4"),
    Case("tutorial", 4, "Redis for tasks and results, defaults"),
)
*_, CLASSIC, TUTORIAL = CASES
LIMITS = {TUTORIAL: 2.0, CLASSIC: 0.8}


@dataclass
class Measurements(Figures):
    """Tasks a second of each run."""

    rates: dict[Case, list[float]] = field(default_factory=lambda: {case: [] for case in CASES})

    def ratio(self, other: Case) -> float:
        """Return how much faster the sample's settings drain than another case, by the medians."""
        return median(self.rates[GARDEN]) / median(self.rates[other])

    def verdicts(self) -> list[Verdict]:
        """Return what the limits say."""
        return [
            AtLeast(f"garden / {case.settings}, at least", self.ratio(case), limit, "x")
            for case, limit in LIMITS.items()
        ]

    def table(self) -> str:
        """Return the medians with their runs, then the verdicts."""
        lines = [f"{'':40} {'tasks/s':>8}  {'garden is':>9}  runs"]
        for case, rates in self.rates.items():
            runs = " ".join(f"{rate:.0f}" for rate in rates)
            lines.append(f"{case.text:40} {median(rates):8.0f}  {self.ratio(case):7.2f} x  {runs}")
        return "\n".join([*lines, "", *(str(verdict) for verdict in self.verdicts())])

    def values(self) -> dict[str, object]:
        """Return the rates by case."""
        return {"cases": [{**asdict(case), "tasks_per_second": rates} for case, rates in self.rates.items()]}

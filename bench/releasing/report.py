"""Figures, the limit and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from provisioning.report import Figures, Verdict

RATIO = 2.0
LOCKS = ("unchanged", "changed")
STEPS = {
    "install": "uv pip install from the wheelhouse",
    "collectstatic": "collectstatic",
    "migrate": "migrate --check",
    "worker": "one worker until it pings",
    "web": "one gunicorn until it answers",
}
# The application's own start-up: the limit is on what the kit adds to it.
START_UP = ("worker", "web")


@dataclass
class Side:
    """Seconds of each run with one kind of lock: the release, and each step of its floor."""

    live: list[float] = field(default_factory=list)
    floor: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})

    def floors(self) -> list[float]:
        """Return each run's floor, the sum of its steps."""
        return [sum(steps) for steps in zip(*(runs for runs in self.floor.values() if runs), strict=True)]

    def start_up(self) -> float:
        """Return the median of the application's own start-up, one process after the other, as the floor has it."""
        return sum(median(self.floor[step]) for step in START_UP)

    def ratio(self) -> float:
        """Return the medians' ratio, of the release without the application's own start-up, of the floor with it."""
        return (median(self.live) - self.start_up()) / median(self.floors())


@dataclass
class Measurements(Figures):
    """Both kinds of lock."""

    sides: dict[str, Side] = field(default_factory=lambda: {lock: Side() for lock in LOCKS})

    def verdicts(self) -> list[Verdict]:
        """Return what the limit says of each kind."""
        what = "lock: live without start-up / floor"
        return [Verdict(f"{lock} {what}", side.ratio(), RATIO, "x") for lock, side in self.sides.items()]

    def table(self) -> str:
        """Return the medians with their runs, then the verdicts."""
        lines = [f"{'':46} {'median s':>8}  runs"]
        for lock, side in self.sides.items():
            rows = {"deploy until the web processes are handed over": side.live, "floor": side.floors()}
            lines.append(f"{lock} lock: {median(side.live) / median(side.floors()):.2f} x with start-up")
            rows |= {f"  {STEPS[step]}": runs for step, runs in side.floor.items() if runs}
            for what, seconds in rows.items():
                lines.append(f"{what:46} {median(seconds):8.1f}  {' '.join(f'{value:.1f}' for value in seconds)}")
        return "\n".join([*lines, "", *(str(verdict) for verdict in self.verdicts())])

"""Figures and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioning.report import AtLeast, Figures, Verdict

#: Of what so many times one host would do, this much is done at least; less means that something else is full.
LINEAR = 0.8


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds that a task takes of each, and the application's connections to each service."""

    worker: float
    broker: float
    database: float
    connections: dict[str, int]


@dataclass(frozen=True)
class Depth:
    """What waits where a part of the most that a host completes is sent: tasks a second, tasks, seconds."""

    part: float
    rate: float
    average: float
    most: int
    half: float
    nearly_all: float


@dataclass
class Measurements(Figures):
    """By the number of hosts; ``share`` is the part of a core that each host has."""

    share: float
    tasks: dict[int, float] = field(default_factory=dict)
    requests: dict[int, float] = field(default_factory=dict)
    costs: dict[int, Cost] = field(default_factory=dict)
    depths: list[Depth] = field(default_factory=list)

    def verdicts(self) -> list[Verdict]:
        """Return how near to so many times one host the most hosts come."""
        found = []
        for what, rates in (("tasks", self.tasks), ("requests", self.requests)):
            least, most = min(rates), max(rates)
            figure = rates[most] / rates[least] / (most / least)
            found.append(AtLeast(f"{what}: {most} hosts / {most} x one, at least", figure, LINEAR, "x"))
        return found

    def table(self) -> str:
        """Return what hosts do together, what a task costs, and what waits, then the verdicts."""
        lines = [f"each host has {self.share:g} of a core", f"{'hosts':>5} {'tasks/s':>8} {'requests/s':>11}"]
        lines += [f"{count:5} {rate:8.0f} {self.requests[count]:11.0f}" for count, rate in self.tasks.items()]
        lines += ["", "CPU ms a task, and connections:"]
        lines.append(f"{'hosts':>5} {'worker':>8} {'broker':>8} {'database':>8}  connections")
        for count, cost in self.costs.items():
            held = ", ".join(f"{service} {number}" for service, number in cost.connections.items())
            lines.append(f"{count:5} {cost.worker:8.2f} {cost.broker:8.2f} {cost.database:8.2f}  {held}")
        lines += ["", "sent to one host's workers:"]
        lines.append(f"{'of most':>8} {'tasks/s':>8} {'waiting':>8} {'at most':>8} {'half wait':>10} {'95 % wait':>10}")
        for depth in self.depths:
            waits = f"{depth.half * 1000:7.0f} ms {depth.nearly_all * 1000:7.0f} ms"
            lines.append(f"{depth.part:7.0%} {depth.rate:8.1f} {depth.average:8.1f} {depth.most:8} {waits}")
        return "\n".join([*lines, "", *map(str, self.verdicts())])

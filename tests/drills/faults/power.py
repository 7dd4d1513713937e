"""What happens when the whole host is gone at once."""

from __future__ import annotations

import subprocess

from drills.fault import Fault, Limits
from drills.host import Host


def power_cut() -> Fault:
    """Kill the host as a loss of power does, and start it again."""

    def docker(verb: str, host: Host) -> None:
        subprocess.run(["docker", verb, host.name], check=True, capture_output=True, timeout=120)

    return Fault(
        "power-cut", "power cut: the host killed at once, then started", lambda host: docker("kill", host),
        lambda host: docker("start", host), hold=3,
        limits=Limits(duplicated=3, accepted_after=120, caught_up_after=120),
    )  # fmt: skip

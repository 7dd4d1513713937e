"""Every fault, in the order in which `make drill` goes through them; each is made anew for each drill."""

from __future__ import annotations

from drills.fault import Fault
from drills.faults import (
    alarms,
    broker,
    clock,
    delays,
    hosts,
    members,
    network,
    patience,
    poison,
    power,
    services,
    supervision,
    workers,
)

FAULTS: dict[str, type[Fault]] = {
    kind().name: kind
    for module in (
        workers,
        poison,
        network,
        supervision,
        delays,
        patience,
        broker,
        alarms,
        services,
        power,
        clock,
        hosts,
        members,
    )
    for kind in module.FAULTS
}

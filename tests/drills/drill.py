"""One fault, from the quiet before it to the quiet after it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from load import marks, verdict
from load.plan import Plan
from load.process import Load
from load.samples import read

from drills import judge, measure
from drills.fault import Fault
from drills.stack import Stack

QUIET = 8.0  # seconds before a fault
#: Seconds after a fault: at least for the picture; at most, beyond the limits, for things to become quiet.
LEAST, MOST = 6.0, 15.0
POSTS, GETS = 20.0, 20.0  # a second


@dataclass(frozen=True)
class Outcome:
    """What came of a fault: figures, what does not hold (in words), and where samples and marks are.

    ``busy`` is the machine's load average before it: beside other work, times say little.
    """

    fault: Fault
    figures: measure.Figures
    broken: list[str]
    samples: Path
    marks: Path
    busy: float


def run(fault: Fault, stack: Stack, folder: Path, say: Callable[[str], None] = lambda words: None) -> Outcome:
    """Inject a fault under load and return what came of it; ``say`` is told what is being done.

    Raises AssertionError where the stack is not whole before it, or the fault could not be brought about.
    """
    folder.mkdir(parents=True, exist_ok=True)
    samples, told = folder / f"{fault.name}.ndjson", folder / f"{fault.name}.marks.ndjson"
    told.unlink(missing_ok=True)
    stack.until_whole()
    busy = os.getloadavg()[0]
    plan = Plan(**stack.reached(), ca=stack.ca, get_rate=GETS, post_rate=POSTS, queue=fault.queue)
    load = Load(plan, samples)
    say("quiet load")
    load.start()
    try:
        time.sleep(QUIET)
        fault.prepare(stack)
        begin, end = _break(fault, stack, told, say)
        say("until it is quiet again")
        _wait(fault, stack, samples, begin, end)
    finally:
        requests = load.stop().requests
    say("until all is done")
    verdict.judge(samples, marks.read(told))
    last = read(samples).last
    found = measure.figures(requests, begin, end, last and last["ledger"])
    found = replace(found, deleted=fault.deleted(stack, plan.prefix))
    broken = [*judge.broken(found, fault.limits), *fault.check(stack)]
    return Outcome(fault, replace(found, own_after=fault.own_after), broken, samples, told, busy)


def _break(fault: Fault, stack: Stack, told: Path, say: Callable[[str], None]) -> tuple[float, float]:
    """Bring the fault about and take it away; return when it began and when that was begun with (epoch)."""
    say(fault.title)
    marks.add(told, "fault")
    begin = time.time()
    try:
        fault.inject(stack)
        time.sleep(fault.hold)
    finally:
        # Before: what heals may return only when what it started is up.
        marks.add(told, "over")
        end = time.time()
        fault.heal(stack)
    return begin, end


def _wait(fault: Fault, stack: Stack, samples: Path, begin: float, end: float) -> None:
    limits = fault.limits
    most = max(limits.accepted_after or 0, limits.caught_up_after or 0) + MOST
    while (passed := time.time() - end) < most:
        fault.due(stack)
        found = measure.figures(read(samples).requests, begin, end, None)
        if passed >= LEAST and found.recovered_after is not None and fault.settled(stack):
            return
        time.sleep(1)

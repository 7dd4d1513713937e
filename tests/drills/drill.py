"""One fault, from the quiet before it to the quiet after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from load import marks, verdict
from load.plan import Plan
from load.process import Load

from drills import judge, measure
from drills.fault import Fault
from drills.host import Host

QUIET = 8.0  # seconds before a fault
#: Seconds after a fault in which things must have become quiet again; what takes longer has not.
AFTER = 20.0
POSTS, GETS = 20.0, 20.0  # a second


@dataclass(frozen=True)
class Outcome:
    """What came of a fault: figures, what does not hold (in words), and where samples and marks are."""

    fault: Fault
    figures: measure.Figures
    broken: list[str]
    samples: Path
    marks: Path


def run(fault: Fault, host: Host, folder: Path, say: Callable[[str], None] = lambda words: None) -> Outcome:
    """Inject a fault under load and return what came of it; ``say`` is told what is being done."""
    folder.mkdir(parents=True, exist_ok=True)
    samples, told = folder / f"{fault.name}.ndjson", folder / f"{fault.name}.marks.ndjson"
    told.unlink(missing_ok=True)
    plan = Plan(base_urls=(host.url,), ca=host.ca, get_rate=GETS, post_rate=POSTS, **fault.load)
    load = Load(plan, samples)
    say("quiet load")
    load.start()
    try:
        time.sleep(QUIET)
        say(fault.title)
        marks.add(told, "fault")
        begin = time.time()
        try:
            fault.inject(host)
            time.sleep(fault.hold)
        finally:
            fault.heal(host)
        end = time.time()
        marks.add(told, "over")
        say("until it is quiet again")
        time.sleep(max(AFTER, fault.limits.accepted_after or 0))
    finally:
        run_samples = load.stop()
    say("until all is done")
    verdict.judge(samples, marks.read(told))
    last = verdict.read(samples).last
    found = measure.figures(run_samples.requests, begin, end, last and last["ledger"])
    return Outcome(fault, found, [*judge.broken(found, fault.limits), *fault.check(host)], samples, told)

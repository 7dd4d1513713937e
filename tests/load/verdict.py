"""What came of a load: whether anything was dropped, and the figures."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from load import figures
from load.browsers import open_browsers
from load.marks import SWITCHES, Span, switches
from load.plan import Plan
from load.samples import Samples, add_last_word, read

#: Two readings this many seconds apart must agree: a task that runs twice may do so after all are done.
_SETTLE = 2.0


def plan_of(samples: Samples, **changes: Any) -> Plan:
    """Return the plan of a run, with other values where the reader reaches the stack in another way."""
    known = {key: tuple(value) if isinstance(value, list) else value for key, value in samples.begin["plan"].items()}
    return replace(Plan(**known), **changes)


def last_word(plan: Plan, answered: int, bound: float = 120) -> dict[str, int] | None:
    """Ask the ledger until nothing is outstanding, for ``bound`` seconds; return its counts, None: it gave none."""
    return asyncio.run(_last_word(plan, answered, bound))


async def _last_word(plan: Plan, answered: int, bound: float) -> dict[str, int] | None:
    [browser] = open_browsers(replace(plan, browsers=1, timeout=10))
    deadline, counts, settled = time.monotonic() + bound, None, False
    try:
        while not settled and time.monotonic() < deadline:
            answer, _ = await browser.send("GET", plan.summary_path, params={"prefix": plan.prefix})
            if answer is not None and answer.status_code == 200:
                before, counts = counts, answer.json()
                settled = before == counts and is_settled(counts, answered)
            if not settled:
                await asyncio.sleep(_SETTLE)
    finally:
        await browser.close()
    return counts


def is_settled(counts: dict[str, int], answered: int) -> bool:
    """Return whether all that was answered with 202 is accepted, and all that is accepted is done."""
    return counts["lost"] == 0 and counts["accepted"] >= answered


def tell(samples: Samples, spans: Sequence[Span] = (), pattern: str = SWITCHES) -> dict[str, Any]:
    """Return the verdict: pure, from samples and from what happened meanwhile.

    dropped: why the run does not prove that nothing was dropped; empty where it does. requests, quiet, switches,
    ledger: see load.figures. generator: how it ended, its seconds, share of a core, and how late it sent.
    """
    usual = figures.quiet(samples.requests, spans)
    verdict = {
        "requests": figures.by_kind(samples.requests),
        "quiet": usual,
        "switches": figures.around_switches(samples.requests, switches(spans, pattern), usual),
        "ledger": figures.ledger(samples.requests, samples.last and samples.last["ledger"]),
        "generator": _generator(samples),
    }
    return {"dropped": _dropped(verdict), **verdict}


def judge(path: Path, spans: Sequence[Span] = (), bound: float = 120, **changes: Any) -> dict[str, Any]:
    """Wait ``bound`` seconds for the ledger, add its last word to the samples in ``path`` and return the verdict.

    ``changes`` are values of the plan, see plan_of.
    """
    samples = read(path)
    answered = figures.ledger(samples.requests, None)["answered"]
    counts = last_word(plan_of(samples, **changes), answered, bound)
    if counts:
        add_last_word(path, counts)
    return tell(read(path), spans)


def as_json(found: dict[str, Any]) -> str:
    """Return a verdict as JSON for people: three decimals are enough."""
    return json.dumps(json.loads(json.dumps(found), parse_float=lambda text: round(float(text), 3)), indent=2) + "\n"


def _generator(samples: Samples) -> dict[str, Any]:
    end = samples.end or {}
    core = end["cpu"] / end["seconds"] if end else None
    return {"end": end.get("reason", "killed"), "seconds": end.get("seconds"), "core": core,
            "late": figures.lateness(samples.requests)}  # fmt: skip


def _dropped(verdict: dict[str, Any]) -> list[str]:
    found = [
        f"{part['failed']} of {part['sent']} requests of the kind {kind} failed: {part['status'] | part['errors']}"
        for kind, part in verdict["requests"].items() if kind != "clients" and part["failed"]
    ]  # fmt: skip
    told = verdict["ledger"]
    found += [f"{told[name]} tasks {name}" for name in ("lost", "duplicated", "forgotten") if told[name]]
    if told["accepted"] is None:
        found.append("the ledger gave no answer at the end")
    if not verdict["requests"]["clients"]["sent"]:
        found.append("no request was sent")
    if verdict["generator"]["end"] == "killed":
        found.append("the generator did not come to its end")
    return found

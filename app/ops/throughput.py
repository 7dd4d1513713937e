"""The last hour as figures and charts."""

import time
from datetime import UTC, datetime
from typing import Any

from ops import charts, counters
from ops.counters import Minute

MINUTES = 60


def last_hour(now: float | None = None) -> dict[str, Any]:
    """Return what the template shows of the last sixty minutes, the running one included.

    totals: done, failed, per_minute and busiest (counts), wait and run (mean seconds or None). counts, delays: each
    a chart with its scale's end. first, last: the ends of the time axis. Raises what the cache raises.
    """
    last = int((time.time() if now is None else now) // 60)
    minutes = counters.minutes(last - MINUTES + 1, MINUTES)
    return {
        "totals": _totals(minutes),
        "counts": _counts(minutes),
        "delays": _delays(minutes),
        "first": _clock(minutes[0]),
        "last": _clock(minutes[-1]),
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
    }


def _totals(minutes: list[Minute]) -> dict[str, Any]:
    done, waited = sum(m.done for m in minutes), sum(m.waited for m in minutes)
    busiest = max(minutes, key=lambda m: m.done)
    return {
        "done": done,
        "failed": sum(m.failed for m in minutes),
        "wait": _mean(sum(m.wait_ms for m in minutes), waited),
        "run": _mean(sum(m.run_ms for m in minutes), done),
        "busiest": busiest.done,
        "busiest_at": _clock(busiest),
    }


def _counts(minutes: list[Minute]) -> dict[str, Any]:
    good, failed = [m.done - m.failed for m in minutes], [m.failed for m in minutes]
    end = charts.scale_end(max(m.done for m in minutes))
    return {"end": end, "good": charts.bars(good, end), "failed": charts.bars(failed, end, below=good)}


def _delays(minutes: list[Minute]) -> dict[str, Any]:
    wait, run = [_mean(m.wait_ms, m.waited) for m in minutes], [_mean(m.run_ms, m.done) for m in minutes]
    end = charts.scale_end(max((value for value in (*wait, *run) if value is not None), default=0))
    return {"end": end, "wait": charts.line(wait, end), "run": charts.line(run, end)}


def _mean(milliseconds: int, count: int) -> float | None:
    return milliseconds / count / 1000 if count else None


def _clock(minute: Minute) -> str:
    return f"{datetime.fromtimestamp(minute.number * 60, UTC):%H:%M}"

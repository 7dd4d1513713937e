"""What of a fault's limits does not hold, in words."""

from __future__ import annotations

from drills.fault import Limits
from drills.measure import Figures

_AT_MOST = {
    "accepted_after": "until entries are accepted again",
    "completed_after": "until a task is completed again",
    "caught_up_after": "until as little is outstanding as before",
    "slowest_get": "for the slowest page",
    "slowest_post": "for the slowest answer to an entry",
}


def broken(figures: Figures, limits: Limits) -> list[str]:
    """Return a line for each limit that does not hold; empty where all do."""
    if figures.accepted is None:
        return ["the ledger gave no answer at the end"]
    lost = (figures.lost or 0) - figures.deleted
    found = [f"{lost} tasks lost"] if lost else []
    if figures.duplicated > limits.duplicated:
        found.append(f"{figures.duplicated} tasks ran twice, at most {limits.duplicated} may")
    if figures.refused and not limits.refusals:
        found.append(f"{figures.refused} requests failed, none may")
    for name, words in _AT_MOST.items():
        limit, took = getattr(limits, name), getattr(figures, name)
        if limit is not None and (took is None or took > limit):
            found.append(f"{'never' if took is None else f'{took:.1f} s'} {words}, at most {limit:g} s")
    return found

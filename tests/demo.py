"""The plain Celery application on its host: what beat sent, what workers did, what was stored; all times in seconds."""

from __future__ import annotations

import re
from ast import literal_eval
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import scenario_host
from polling import until
from scenario_host import shell

RESULTS = "/srv/celery_demo/shared/results.sqlite3"
PERIOD = 2
SUMS = "SELECT date_done FROM celery_taskmeta WHERE name = 'celery_demo.add' AND CAST(args AS TEXT) = '[5, 8]'"
_STAMP = r"\[(?P<at>[-0-9]+ [:0-9]+,[0-9]+)"


def console(script: str) -> Any:
    """Return what a Python console of the live release prints, as the application's user."""
    done = scenario_host.console("celery_demo", script)
    assert done.returncode == 0, done.stderr
    return literal_eval(done.stdout.splitlines()[-1])


def query(statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query of the results' file."""
    script = f"import sqlite3; print(list(sqlite3.connect('file:{RESULTS}?mode=ro', uri=True).execute({statement!r})))"
    return console(script)


def now() -> float:
    """Return the host's time, seconds since 1970."""
    return float(shell("date +%s.%N"))


def live() -> str:
    """Return the id of the live release."""
    return scenario_host.current("celery_demo")


def programs() -> list[str]:
    """Return its programs that run; one that has ended waits for the next deploy to be forgotten."""
    states = scenario_host.programs().items()
    return sorted(n for n, state in states if n.startswith("celery_demo-") and state not in {"STOPPED", "EXITED"})


def programs_of(release: str) -> list[str]:
    """Return the programs that a release is to have."""
    return [f"celery_demo-{name}-{release}" for name in ("beat", "worker-default")]


def logged(program: str, pattern: str) -> list[tuple[float, str]]:
    """Return (time, what ``(?P<what>)`` stands for) of each line that fits, of all releases' logs, oldest first."""
    lines = shell(f"cat /var/log/celery_demo/celery_demo-{program}-*.log*").splitlines()
    found = [match for line in lines if (match := re.match(rf"{_STAMP}.*{pattern}", line))]
    return sorted((epoch(match["at"].replace(",", ".")), match["what"]) for match in found)


def sends(entry: str) -> list[float]:
    """Return when beat sent an entry of its schedule."""
    return [at for at, _ in logged("beat", f"Sending due task (?P<what>{entry}) ")]


def runs() -> list[str]:
    """Return the task id of each run of beat's add that a worker has ended."""
    return [task for _, task in logged("worker-default", r"Task celery_demo.add\[(?P<what>.*)\] succeeded in .*: 13$")]


def results() -> list[float]:
    """Return when each result of beat's add was stored."""
    return sorted(epoch(at) for (at,) in query(SUMS))


def epoch(text: str) -> float:
    """Return the seconds since 1970 of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def check_ledger(since: float, longest_gap: float) -> None:
    """Fail unless, since then, beat sent at its period and each send was run once and has its one result.

    ``longest_gap`` may pass between two sends. A second beat would send between the sends of the first.
    """
    # What was sent is done a moment later: read at once, until they fit.
    sent, ran, stored = until(lambda: (sends("add-every-two-seconds"), runs(), results()), same_length, 30)
    assert len(set(ran)) == len(ran), "a task ran twice"
    assert len(stored) == len(sent)
    gaps = [later - earlier for earlier, later in pairwise(sent) if later > since]
    assert gaps
    assert min(gaps) > PERIOD - 0.2, f"sent twice: {sorted(gaps)[:5]}"
    assert max(gaps) <= longest_gap, f"a gap: {sorted(gaps)[-5:]}"


def same_length(readings: tuple[list[Any], ...]) -> bool:
    """Return whether the lists are equally long."""
    return len({len(reading) for reading in readings}) == 1

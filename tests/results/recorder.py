"""A plugin of pytest: keeps the result of each row as it ends, so that a run cut short keeps what it had."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from results.store import Store, Watch


def pytest_configure(config: pytest.Config) -> None:
    """Listen where all reports arrive: not in the workers of pytest-xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.rootpath))


class Recorder:
    """Adds the phases of a row's tests up; a row with one failed phase has failed."""

    def __init__(self, root: Path, store: Store | None = None) -> None:
        self._root, self._store = root, store or Store()
        # A scenario is one test. Where workers collect, this process is not told of more, and needs not be.
        self._left: defaultdict[str, int] = defaultdict(lambda: 1)
        self._watches: dict[str, Watch] = {}
        self._seconds: Counter[str] = Counter()
        self._outcomes: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how many tests each row has."""
        self._left.update(Counter(row_of(self._root, item.nodeid) for item in session.items))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a row has begun."""
        row = row_of(self._root, nodeid)
        if row not in self._watches:
            self._watches[row] = Watch(self._store, row)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a phase ended: setup, the test itself, or what removes its traces."""
        row = row_of(self._root, report.nodeid)
        self._seconds[row] += report.duration
        outcomes = self._outcomes[row]
        if outcomes.get(report.nodeid) in (None, "passed"):
            outcomes[report.nodeid] = report.outcome

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Keep the row's result after its last test."""
        row = row_of(self._root, nodeid)
        self._left[row] -= 1
        if self._left[row] == 0:
            self._watches[row].end(verdict(list(self._outcomes[row].values())), self._seconds[row])


def row_of(root: Path, nodeid: str) -> str:
    """Return the row that a test belongs to; ``root`` is what pytest's names are relative to."""
    file, _, test = nodeid.partition("::")
    path = root / file
    return test.partition("[")[2].rstrip("]") if path.parent.name == "scenarios" else f"{path.parent.name}/{path.stem}"


def verdict(outcomes: list[str]) -> str:
    """Return what is said of so many tests' outcomes."""
    counts = Counter(outcomes)
    if counts["failed"]:
        return "failed"
    if not counts["passed"]:
        return "skipped"
    return f"passed, {counts['skipped']} skipped" if counts["skipped"] else "passed"

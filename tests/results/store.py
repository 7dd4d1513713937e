"""The newest result of each row: a small file each under .cache/, written as soon as it is known."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REPORT = "docs/test-report.md"
INTEGRATION = "integration"
#: What a row says from its first test on: a run that is killed must not leave the result of the run before.
UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Result:
    """What came of one row: in words, in seconds, on which commit, and when it began (`2026-11-30 12:00`, UTC)."""

    result: str
    seconds: float
    revision: str
    when: str


class Store:
    """A directory of results."""

    def __init__(self, folder: Path = PROJECT / ".cache/test-results") -> None:
        self._folder = folder

    def keep(self, row: str, result: Result) -> None:
        """Let a result take the place of the row's one before, whichever was better."""
        path = self._path(row)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(result)), encoding="utf-8")
        new.replace(path)

    def newest(self, row: str) -> Result | None:
        """Return the row's last result, None where it never ran."""
        path = self._path(row)
        return Result(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def _path(self, row: str) -> Path:
        return self._folder / f"{row}.json"


class Watch:
    """One row's run, from its start to its result."""

    def __init__(self, store: Store, row: str, project: Path = PROJECT) -> None:
        self._store, self._row, self._project = store, row, project
        self._revision = revision(project)
        self._when = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
        self.end(UNFINISHED, 0)

    def end(self, result: str, seconds: float) -> None:
        """Keep what came of it; a row during which the files changed names both revisions."""
        now = revision(self._project)
        seen = now if now == self._revision else f"{self._revision} to {now}"
        self._store.keep(self._row, Result(result, seconds, seen, self._when))


def revision(project: Path) -> str:
    """Return the short commit, and whether files differ from it; the report itself does not count."""
    commit = _git(project, "rev-parse", "--short", "HEAD")
    if not commit:
        return "unknown"
    return commit + (" with changes" if _git(project, "status", "--porcelain", "--", ".", f":!{REPORT}") else "")


def rows(project: Path = PROJECT) -> list[str]:
    """Return every row that there is to be, run or not."""
    scenarios = sorted(path.parent.name for path in (project / "molecule").glob("*/molecule.yml"))
    modules = sorted(path.stem for path in (project / "tests/compose").glob("test_*.py"))
    return [INTEGRATION, *scenarios, *(f"compose/{module}" for module in modules)]


def _git(project: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=False)
    return done.stdout.strip()

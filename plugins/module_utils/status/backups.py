"""What became of a host's backups, from the records that its backup program keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RECORDS = Path("/var/lib/cloche/backup")
CONFIGURATION = Path("/etc/cloche/backup.json")
#: Of each cluster, a file for each segment that waits for the archive.
CLUSTERS = Path("/var/lib/postgresql")
_WAITING = "*/main/pg_wal/archive_status/*.ready"


def described(job: str, record: dict[str, Any], now: float, since: float) -> dict[str, Any]:
    """Return ``{job, outcome, seconds, waiting, label, why, missing, follows}`` of a job's record, empty for none.

    ``outcome`` is of the last run, empty for none; ``seconds`` are those since one was done, None for never,
    ``waiting`` those since the host was told to make backups. ``follows``: it left the database to one that leads.
    """
    done = record.get("succeeded")
    return {
        "job": job,
        "outcome": record.get("outcome", ""),
        "seconds": None if done is None else max(0, int(now - done)),
        "waiting": max(0, int(now - since)),
        "label": record.get("label") or record.get("database", {}).get("label", ""),
        "why": record.get("why", ""),
        "missing": record.get("missing", []),
        "follows": {**record, **record.get("database", {})}.get("follows", False),
    }


def look(jobs: list[str], now: float) -> list[dict[str, Any]]:
    """Return the entry of each job, and of the archive where there is a database; OSError where they cannot be read."""
    since = CONFIGURATION.stat().st_mtime if CONFIGURATION.exists() else now
    found = [described(job, _record(job), now, since) for job in jobs]
    return [*found, archive(now)] if "database" in jobs else found


def _record(job: str) -> dict[str, Any]:
    path = RECORDS / f"{job}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def archive(now: float) -> dict[str, Any]:
    """Return for how long the oldest segment has been waiting for the archive; those that go meanwhile do not count."""
    oldest = now
    for path in CLUSTERS.glob(_WAITING):
        try:
            oldest = min(oldest, path.stat().st_mtime)
        except FileNotFoundError:
            continue
    return described("archive", {"succeeded": oldest}, now, now)

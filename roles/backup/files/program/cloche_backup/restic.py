"""restic: snapshots of what is not the database. Its secrets are in its environment, never in its command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from .config import Config, Source
from .running import Failed, run

Snapshot = dict[str, Any]
CACHE = "/var/cache/cloche-backup"
#: How restic 0.18 and 0.14 say that there is no repository; `init` refuses where there is one after all.
MISSING = ("does not exist", "unable to open config file")


def call(config: Config, *arguments: str) -> str:
    """Run a command of restic on this host's repository; Failed, with its errors, where it fails."""
    given = {
        "RESTIC_REPOSITORY": config.repository,
        "RESTIC_CACHE_DIR": CACHE,
        **config.environment,
    }
    return run(["restic", *config.options, *arguments], environment=given)


def prepare(config: Config) -> None:
    """Make the repository where there is none."""
    try:
        call(config, "cat", "config")
    except Failed as error:
        if not any(words in str(error) for words in MISSING):
            raise
        call(config, "init")


def back_up(config: Config, source: Source, path: Path) -> Snapshot:
    """Make a snapshot of a path. Return ``{id, kind, name, at, files, bytes, stored}``; ``stored`` is what it added."""
    printed = call(config, "backup", "--json", f"--host={config.host}", *_tags(source), str(path))
    summary = next(
        line for line in map(json.loads, reversed(printed.splitlines())) if line["message_type"] == "summary"
    )
    return {
        "id": summary["snapshot_id"][:8], "kind": source.kind, "name": source.name, "at": int(time.time()),
        "files": summary["total_files_processed"], "bytes": summary["total_bytes_processed"],
        "stored": summary["data_added"],
    }  # fmt: skip


def _tags(source: Source) -> list[str]:
    return [f"--tag={source.kind},{source.name}"]


def forget(config: Config) -> None:
    """Forget what no moment of the time kept needs: the newest before it stays, as a day more is kept."""
    kept = f"--keep-within={config.retention_days + 1}d"
    call(config, "forget", f"--host={config.host}", "--group-by=host,tags", kept, "--prune", "--max-unused=10%")


def snapshots(config: Config) -> list[Snapshot]:
    """Return ``{id, kind, name, at, paths}`` of this host, oldest first; none before the repository is there."""
    return described(call(config, "snapshots", "--json", f"--host={config.host}"))


def described(text: str) -> list[Snapshot]:
    """Return what ``snapshots --json`` printed; ``at`` in seconds since 1970. Those that others made are left out."""
    found = []
    for entry in json.loads(text) or []:
        tags = entry.get("tags") or []
        if len(tags) == 2:
            kind, name = tags
            at = moment(entry["time"])
            found.append({"id": entry["short_id"], "kind": kind, "name": name, "at": at, "paths": entry["paths"]})
    return sorted(found, key=lambda snapshot: snapshot["at"])


def moment(text: str) -> int:
    """Return a time that Go wrote, such as ``2026-11-30T12:00:00.123456789+01:00``, in seconds since 1970."""
    whole, _, rest = text.partition(".")
    zone = rest.lstrip("0123456789") if rest else ""
    return int(datetime.fromisoformat((whole + zone).replace("Z", "+00:00")).timestamp())


def newest(found: Iterable[Snapshot], source: Source, at: float | None = None) -> Snapshot | None:
    """Return the newest snapshot of a source, of those that were made by a moment."""
    own = [snapshot for snapshot in found if (snapshot["kind"], snapshot["name"]) == (source.kind, source.name)]
    return max((s for s in own if at is None or s["at"] <= at), key=lambda s: s["at"], default=None)


def restore(config: Config, snapshot: Snapshot, folder: Path) -> Path:
    """Restore a snapshot below a folder, every file compared with its checksum; return where its path came to lie."""
    call(config, "restore", snapshot["id"], f"--target={folder}", "--verify")
    return folder / snapshot["paths"][0].lstrip("/")

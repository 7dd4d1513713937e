"""pgBackRest, as the user postgres; its secrets are in its own file, so no command line has one."""

from __future__ import annotations

import json
from typing import Any

from .running import run

STANZA = "main"
USER = "postgres"
DAY = 86400
Backup = dict[str, Any]


def call(command: str, *options: str) -> str:
    """Run a command of pgBackRest on the stanza; Failed, with its errors, where it fails."""
    argv = ["pgbackrest", f"--stanza={STANZA}", "--log-level-console=off", "--log-level-stderr=warn"]
    return run([*argv, *options, command], user=USER)


def backups() -> list[Backup]:
    """Return the repository's backups, oldest first: see ``described``; none before the stanza is there."""
    return described(call("info", "--output=json"))


def described(text: str) -> list[Backup]:
    """Return ``{label, kind, started, stopped, bytes, stored}`` for each backup of what ``info`` printed.

    Times in seconds since 1970; ``bytes`` is the size of the cluster, ``stored`` what this backup added to the
    repository. Those in which pages failed their checksum have ``damaged``.
    """
    found = [backup for stanza in json.loads(text or "[]") for backup in stanza.get("backup", [])]
    return [
        {
            "label": backup["label"],
            "kind": backup["type"],
            "started": backup["timestamp"]["start"],
            "stopped": backup["timestamp"]["stop"],
            "bytes": backup["info"]["size"],
            "stored": backup["info"]["repository"].get("delta"),
            "damaged": bool(backup.get("error")),
        }
        for backup in found
    ]


def due(found: list[Backup], now: float, full_days: float) -> str:
    """Return ``full`` where the last full backup is a week (``full_days``) old, less what a random delay may take."""
    last = max((backup["stopped"] for backup in found if backup["kind"] == "full"), default=None)
    return "full" if last is None or now - last > full_days * DAY - DAY / 2 else "diff"


def before(found: list[Backup], at: float) -> Backup | None:
    """Return the newest backup from which a moment can be reached: one that had ended by then."""
    return next((backup for backup in reversed(found) if backup["stopped"] <= at), None)

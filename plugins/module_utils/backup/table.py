"""Backups and restores in words."""

from __future__ import annotations

import time
from typing import Any

from ansible.module_utils.status.table import duration

#: What a job's record says beside its outcome.
_DETAILS = {"label": "", "tables": "tables", "unsure": "tables in use left out", "snapshots": "snapshots"}
HEAD = ("what", "kind", "when", "age", "size", "stored", "id")


def backups(lists: dict[str, list[dict[str, Any]]], now: float) -> str:
    """Return a table for each host, newest first; ``lists`` is host to what its backup program listed."""
    tables = []
    for host, found in lists.items():
        rows = [HEAD, *(_row(entry, now) for entry in reversed(found))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        tables.append("\n  ".join([f"{host}: {len(found)} backups", *lines]))
    return "\n\n".join(tables)


def _row(entry: dict[str, Any], now: float) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(entry["at"]))
    sizes = (_size(entry["bytes"]), _size(entry["stored"]))
    return (entry["what"], entry["kind"], when, duration(int(now - entry["at"])), *sizes, entry["id"])


def _size(count: int | None) -> str:
    return "-" if count is None else f"{count / 2**20:.1f} MiB"


def done(records: list[dict[str, Any]]) -> str:
    """Return a line for each job of a host: how it went, how long it took, and of what it speaks."""
    lines = []
    for record in records:
        details = {**record, **record.get("database", {}), **record.get("files", {})}
        shown = [f"{details[key]} {word}".strip() for key, word in _DETAILS.items() if details.get(key)]
        if details.get("follows"):
            shown.append("another host leads the database, and backs it up")
        outcome = f"{record['outcome']} after {record['seconds']} s"
        lines.append(f"{record['job']}: {', '.join([outcome, *shown])}")
    return "\n".join(lines)


def restored(answers: dict[str, list[dict[str, str]]]) -> str:
    """Return what came back on each host, how far, and where what was there before lies now."""
    lines = []
    for host, found in answers.items():
        for entry in found:
            lines.append(f"{host}: {entry['source']} is back: {entry['reached'] or 'to the end of the archive'}")
            if entry["aside"]:
                lines.append(f"  what was there before: {entry['aside']}; remove it once nobody misses anything")
    return "\n".join(lines or ["Nothing of that kind is on any host: nothing was restored."])

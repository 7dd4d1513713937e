"""The judged status as lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Entry = dict[str, Any]
MARKS = {"ok": "ok", "neutral": "-", "yellow": "yellow", "red": "RED"}


def duration(seconds: int | None) -> str:
    """Return a duration in its two largest units: ``3 d 4 h``, ``2 min 5 s``; nothing for None."""
    if seconds is None:
        return ""
    parts, rest = [], max(0, seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, length)
        if count or parts or unit == "s":
            parts.append(f"{count} {unit}")
    return " ".join(part for part in parts[:2] if part == parts[0] or not part.startswith("0 "))


def size(mib: int) -> str:
    """Return MiB, from 10 GiB on as GiB."""
    return f"{mib} MiB" if mib < 10240 else f"{mib // 1024} GiB"


def count(number: int | None, what: str) -> str:
    """Return ``3 consumers``, ``1 consumer``, ``? consumers``."""
    return f"{'?' if number is None else number} {what}{'' if number == 1 else 's'}"


def _restarts(entry: Entry) -> str:
    return count(entry["restarts"], "restart") if entry["restarts"] else ""


def _program(entry: Entry) -> list[str]:
    former = f"of {entry['release']}" if entry["release"] and not entry["wanted"] else ""
    return [entry["name"], entry["state"], duration(entry["seconds"]), _restarts(entry), former]


def _queue(entry: Entry) -> list[str]:
    figures = "" if entry["missing"] else f"{'?' if entry['ready'] is None else entry['ready']} ready"
    details = []
    if entry["role"] == "work" and not entry["missing"]:
        held = entry["unacknowledged"]
        details = [f"{'?' if held is None else held} unacknowledged", count(entry["consumers"], "consumer")]
    return [f"{entry['application']} {entry['name']}", figures, "", *details]


def _backup(entry: Entry) -> list[str]:
    words = {"archive": "waits", "drill": "proven"}.get(entry["job"], "made")
    state = "failed" if entry["outcome"] == "failed" else words if entry["seconds"] is not None else "none"
    return [entry["job"], state, duration(entry["seconds"]), entry["label"]]


#: Of each kind: what it is called, and its cells: name, state, time, and whatever else.
ROWS: dict[str, tuple[str, Callable[[Entry], list[str]]]] = {
    "errors": ("error", lambda e: [e["part"], ""]),
    "maintenance": ("maintenance", lambda e: [e["application"], "on", duration(e["seconds"])]),
    "drained": ("drained", lambda e: [e["application"], "out", duration(e["seconds"])]),
    "services": ("service", lambda e: [e["name"], e["state"], duration(e["seconds"]), _restarts(e)]),
    "members": ("member", lambda e: [e["service"], e["role"] or "one of several"]),
    "releases": ("release", lambda e: [e["application"], e["release"] or "none", duration(e["seconds"])]),
    "programs": ("program", _program),
    "queues": ("queue", _queue),
    "backups": ("backup", _backup),
    "certificates": ("certificate", lambda e: [e["path"], "expired" if e["seconds"] < 0 else "", days(e["seconds"])]),
    "addresses": ("address", lambda e: [e["address"], "here" if e["here"] else "at another"]),
    "web_hosts": ("web host", lambda e: [f"{e['application']} {e['host']}", e["state"], duration(e["seconds"])]),
    "disk": ("disk", lambda e: [e["path"], f"{size(e['free_mb'])} free", "", f"of {size(e['total_mb'])}"]),
    "memory": ("memory", lambda e: ["", f"{size(e['available_mb'])} available", "", f"of {size(e['total_mb'])}"]),
}


def days(seconds: int) -> str:
    """Return ``12 days left`` or ``3 days ago``; of the last two days ``1 d 4 h left``."""
    if 0 <= seconds < 2 * 86400:
        return f"{duration(seconds)} left"
    return f"{seconds // 86400} days left" if seconds >= 0 else f"{-seconds // 86400} days ago"


def host_lines(name: str, found: dict[str, Any]) -> list[str]:
    """Return one host's heading and its rows, cells below each other."""
    rows = []
    for kind, (label, cells) in ROWS.items():
        for entry in found[kind]:
            first, state, since, *more = [*cells(entry), "", "", ""]
            details = ", ".join(part for part in [*more, entry["note"]] if part)
            rows.append([MARKS[entry["level"]], label, first, state, since, details])
    # A certificate's path or a release must not push every row's details off the screen.
    widths = [min(44, max((len(row[column]) for row in rows), default=0)) for column in range(5)]
    lines = [
        "  ".join([*(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)), row[5]]) for row in rows
    ]
    return [f"{name}: {found['level']}", *(f"  {line}".rstrip() for line in lines)]


def table(status: dict[str, Any]) -> str:
    """Return the whole table, and how many entries are red and yellow in the last line."""
    lines: list[str] = []
    for name, found in status["hosts"].items():
        lines += [*host_lines(name, found), ""]
    levels = [entry["level"] for found in status["hosts"].values() for kind in ROWS for entry in found[kind]]
    counts = f"{levels.count('red')} red, {levels.count('yellow')} yellow"
    return "\n".join([*lines, f"{status['environment']}: {status['level']}; {counts}"])

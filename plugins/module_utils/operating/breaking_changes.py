"""Numbered breaking changes: which of an inventory's names an older kit knew, and the page that tells all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Change = dict[str, Any]


def outdated(names: Iterable[str], changes: list[Change]) -> list[tuple[str, str]]:
    """Return (name, remedy) for each of an inventory's names that a change has renamed or removed."""
    found = []
    for change in changes:
        for old, new in change.get("names", {}).items():
            if old in names:
                found.append((old, f"breaking change {change['number']} ({change['title']}): instead {new}"))
    return found


def page(changes: list[Change]) -> str:
    """Return docs/breaking-changes.md."""
    lines = [
        "# Breaking changes",
        "",
        "What an inventory or a habit of an older kit has to give up. `make preflight`, and with it every verb that",
        "begins with preflight, names what it finds of it in an inventory before anything is touched. Written from",
        "`roles/preflight/files/breaking-changes.yml` by `bin/breaking-changes`.",
        "",
        "| | Since | What changed | Before | Now |",
        "|---|---|---|---|---|",
    ]
    for change in changes:
        for before, now in _pairs(change):
            lines.append(f"| {change['number']} | {change['date']} | {change['title']} | {before} | {now} |")
    return "\n".join(lines) + "\n"


def _pairs(change: Change) -> list[tuple[str, str]]:
    """Return what was and what takes its place as the page shows them, what is to be written as it is written."""
    names = [(f"`{old}`", new if new.startswith("nothing") else f"`{new}`") for old, new in _of(change, "names")]
    verbs = [(f"`make {old}`", f"`make {new}`") for old, new in _of(change, "verbs")]
    habits = [(old, "`{}`, {}".format(*new.split(", ", 1))) for old, new in _of(change, "habits")]
    return [*names, *verbs, *habits]


def _of(change: Change, kind: str) -> list[tuple[str, str]]:
    return list(change.get(kind, {}).items())

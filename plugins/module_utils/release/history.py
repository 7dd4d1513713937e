"""What was done to an application on this host: a line of JSON for each verb, in /var/log/<app>/deploys.log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ansible.module_utils.release.layout import Layout

NAME = "deploys.log"
#: Bytes beyond which a log becomes the one before it: thousands of verbs, of which the oldest go then.
LARGEST = 1 << 20


def append(layout: Layout, entry: dict) -> None:
    """Add a line: at, who, verb, release, previous, seconds, outcome and, where it failed, why.

    An outcome is live or failed; of a drain drained, unfinished, back or failed.
    """
    add(layout.logs / NAME, entry)


def add(log: Path, entry: dict) -> None:
    """Add a line to a log, which is made where it is missing."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LARGEST:
        log.replace(before(log))
    # What a full disk cut short must not swallow this line too.
    cut = log.is_file() and not log.read_bytes().endswith(b"\n")
    with log.open("a") as file:
        file.write("\n" * cut + json.dumps(entry) + "\n")


def before(log: Path) -> Path:
    """Return where the lines before those of a log are."""
    return log.with_name(f"{log.name}.1")


def entries(layout: Layout) -> Iterator[dict]:
    """Yield the entries, oldest first; a line that a full disk cut short is passed over."""
    yield from read(layout.logs / NAME)


def read(log: Path) -> Iterator[dict]:
    """Yield the entries of a log and of the one before it."""
    for path in (before(log), log):
        for line in path.read_text().splitlines() if path.is_file() else []:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def last_live(layout: Layout, but: set[str]) -> str | None:
    """Return the release that was live most recently and is still here, of those not in ``but``."""
    for entry in reversed(list(entries(layout))):
        if entry["outcome"] == "live" and entry["release"] not in but and layout.release(entry["release"]).is_dir():
            return entry["release"]
    return None

"""What was done to an application on this host: a line of JSON for each verb, in /var/log/<app>/deploys.log."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ansible.module_utils.release.layout import Layout

NAME = "deploys.log"


def append(layout: Layout, entry: dict) -> None:
    """Add a line: at, who, verb, release, previous, seconds, outcome and, where it failed, why.

    An outcome is live or failed; of a drain drained, unfinished, back or failed.
    """
    layout.logs.mkdir(parents=True, exist_ok=True)
    log = layout.logs / NAME
    # What a full disk cut short must not swallow this line too.
    cut = log.is_file() and not log.read_bytes().endswith(b"\n")
    with log.open("a") as file:
        file.write("\n" * cut + json.dumps(entry) + "\n")


def entries(layout: Layout) -> Iterator[dict]:
    """Yield the entries, oldest first; a line that a full disk cut short is passed over."""
    try:
        lines = (layout.logs / NAME).read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
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

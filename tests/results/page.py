"""The report: one line for each row, with the newest that was seen of it."""

from __future__ import annotations

import os
import subprocess

from results.store import Result, Store

NOT_RUN = Result("not run", 0, "", "")


def text(names: list[str], store: Store, machine: str) -> str:
    """Return the report on these rows as Markdown, the longest first, what never ran last."""
    seen = {name: store.newest(name) or NOT_RUN for name in names}
    passed = sum(result.result.startswith("passed") for result in seen.values())
    order = sorted(seen, key=lambda name: (seen[name] is NOT_RUN, -seen[name].seconds, name))
    lines = [
        "# The newest result of every scenario",
        "",
        f"Written by `bin/test-all`, on {machine}.",
        "Each row ran on its own revision, `with changes` where files differed from that commit; times are UTC.",
        "Release, drills and staging run alone, the others two side by side, the stacks of compose by themselves.",
        "",
        f"{passed} of {len(seen)} passed.",
        "",
        "| Scenario | Result | Seconds | Revision | When |",
        "|---|---|---|---|---|",
        *(_line(name, seen[name]) for name in order),
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Return cores, memory and engine of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    engine = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, Docker Engine {engine}"


def _line(name: str, result: Result) -> str:
    cells = [name, result.result, f"{result.seconds:.0f}" if result.when else "", result.revision, result.when]
    return f"| {' | '.join(cells)} |"

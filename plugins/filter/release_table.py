"""The releases of an environment as a table for people."""

from __future__ import annotations

from typing import Any

HEAD = ("release", "revision", "when", "who", "state", "size")


def release_table(lists: dict[str, dict[str, list[dict[str, Any]]]]) -> str:
    """Return a table for each application; ``lists`` is host to what the module release_list returned there.

    A state that differs between hosts is told for each of them; releases are in the order of the first host.
    """
    tables = []
    for app in next(iter(lists.values()), {}):
        rows = [HEAD, *(_row(name, found) for name, found in _by_release(app, lists).items())]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        tables.append("\n  ".join([f"{app}: {len(rows) - 1} releases", *lines]))
    return "\n\n".join(tables)


def _by_release(app: str, lists: dict[str, dict[str, list[dict[str, Any]]]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return release to host to entry."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for host, releases in lists.items():
        for entry in releases[app]:
            found.setdefault(entry["release"], {})[host] = entry
    return found


def _row(name: str, entries: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    states = {entry["state"] for entry in entries.values()}
    # One word where all hosts agree.
    state = states.pop() if len(states) == 1 else "; ".join(f"{host}: {e['state']}" for host, e in entries.items())
    entry = next(iter(entries.values()))
    size = f"{entry['bytes'] / 2**20:.1f} MiB" if entry["bytes"] else "-"
    return (
        name,
        entry["revision"],
        entry["at"],
        f"{entry['verb']} by {entry['who']}" if entry["who"] else "",
        state,
        size,
    )


class FilterModule:
    """Offer ``release_table`` to templates."""

    def filters(self) -> dict[str, Any]:
        return {"release_table": release_table}

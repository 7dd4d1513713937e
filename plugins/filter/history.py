"""What was done to an environment, merged from what its hosts have written down."""

from __future__ import annotations

from typing import Any

HEAD = ("when", "verb", "what", "who", "hosts", "seconds", "outcome")
#: What makes lines of several hosts one run.
_SAME = ("at", "who", "verb", "what")


def merged_history(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return a run for each verb, oldest first; ``found`` is host to the entries of the module history_list.

    A run is ``{at, who, verb, what, seconds, outcome, hosts}``: seconds of the slowest host, ``hosts`` is host to its
    own outcome and, where it failed, ``step`` and ``why``.
    """
    runs: dict[tuple[str, ...], dict[str, Any]] = {}
    for host, entries in found.items():
        for entry in entries:
            # A begin of its own on each host: the run tells them together.
            key = (entry["run"],) if entry.get("run") else tuple(str(entry.get(name, "")) for name in _SAME)
            run = runs.setdefault(key, {name: entry.get(name, "") for name in _SAME} | {"seconds": 0, "hosts": {}})
            run["at"] = min(run["at"], entry["at"])
            run["seconds"] = max(run["seconds"], entry.get("seconds", 0))
            kept = ("outcome", "changed", "step", "why", "previous")
            run["hosts"][host] = {name: entry[name] for name in kept if entry.get(name) not in (None, "")}
    for run in runs.values():
        run["outcome"] = _outcome(run["hosts"])
    return sorted(runs.values(), key=lambda run: run["at"])


def _outcome(hosts: dict[str, dict[str, Any]]) -> str:
    """Return one word where all hosts agree, else each host's."""
    words = {host: entry.get("outcome", "") for host, entry in hosts.items()}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{host}: {word}" for host, word in words.items())


def history_table(runs: list[dict[str, Any]], last: int = 0) -> str:
    """Return the runs as a table, the newest last; ``last``: so many of them, 0 for all."""
    if not runs:
        return "nothing was written down yet"
    rows = [HEAD, *(_row(run) for run in (runs[-last:] if last else runs))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(run: dict[str, Any]) -> tuple[str, ...]:
    words = {"begun": "begun: it runs still, or was killed"}.get(run["outcome"], run["outcome"])
    failed = next((entry for entry in run["hosts"].values() if entry.get("step")), None)
    if failed:
        words += f" at: {failed['step']}"
    elif run["outcome"] == "done" and not any(entry.get("changed") for entry in run["hosts"].values()):
        words = "done, nothing changed"
    seconds = f"{run['seconds']:.1f}" if run["seconds"] else ""
    return run["at"], run["verb"], run["what"], run["who"], ", ".join(run["hosts"]), seconds, words


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {"merged_history": merged_history, "history_table": history_table}

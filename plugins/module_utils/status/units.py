"""systemd's units, from one call of systemctl."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

_PROPERTIES = "Id,LoadState,ActiveState,SubState,ActiveEnterTimestamp,InactiveEnterTimestamp,NRestarts"


def command(units: list[str]) -> list[str]:
    """Return the call that shows units; a unit may be a pattern, which stands for those that systemd has loaded."""
    return ["systemctl", "show", "--timestamp=unix", f"--property={_PROPERTIES}", "--", *units]


def parse(text: str, units: list[str], now: float) -> list[dict[str, Any]]:
    """Return what the call printed as ``{name, state, seconds, restarts}``, in the order of ``units``.

    ``seconds`` is how long the unit has been in this state and None where systemd does not know; ``restarts`` counts
    those that systemd made by itself. A pattern that matched nothing and a unit without a file are ``missing``.
    """
    shown = [dict(line.partition("=")[::2] for line in block.splitlines()) for block in text.split("\n\n")]
    found = []
    for unit in units:
        matching = [block for block in shown if block.get("Id") and fnmatchcase(block["Id"], unit)]
        found += [_entry(block, now) for block in matching] or [_missing(unit)]
    return found


def _missing(unit: str) -> dict[str, Any]:
    return {"name": unit.removesuffix(".service"), "state": "missing", "seconds": None, "restarts": None}


def _entry(block: dict[str, str], now: float) -> dict[str, Any]:
    if block["LoadState"] == "not-found":
        return _missing(block["Id"])
    state = block["ActiveState"]
    stamp = block["ActiveEnterTimestamp" if state == "active" else "InactiveEnterTimestamp"].removeprefix("@")
    return {
        "name": block["Id"].removesuffix(".service"),
        "state": state,
        "seconds": max(0, int(now) - int(stamp)) if stamp.isdigit() and int(stamp) else None,
        "restarts": int(block["NRestarts"]) if block.get("NRestarts", "").isdigit() else None,
    }

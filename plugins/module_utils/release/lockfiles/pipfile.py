"""Pipfile.lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.release.lockfiles.entries import entry, json_object, repository


def read(file: Path, extras: list[str]) -> str:
    """Return the requirements of a lock, without those of developers; it has no extras."""
    return "".join(f"{_line(name, locked)}\n" for name, locked in json_object(file)["default"].items())


def _line(name: str, locked: dict[str, Any]) -> str:
    marker = locked.get("markers", "")
    wanted = f"{name}[{','.join(locked['extras'])}]" if locked.get("extras") else name
    if "git" in locked:
        return entry(f"{wanted} @ {repository(locked['git'], locked['ref'], locked.get('subdirectory', ''))}", marker)
    if "path" in locked:
        return entry(f"{wanted} @ ./{locked['path'].removeprefix('./')}", marker)
    if "file" in locked:
        return entry(f"{wanted} @ {locked['file']}", marker, locked.get("hashes", []))
    return entry(f"{wanted}{locked['version']}", marker, locked.get("hashes", []))

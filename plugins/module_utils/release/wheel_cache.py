"""The wheels that entries of a lock stood for before: a changed lock has few new ones."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ansible.module_utils.release.markers import normalized

NAME = re.compile(r"[A-Za-z0-9._-]+")


class WheelCache:
    """Wheels by the entry that asked for them, hashes included, and the target: the same entry means the same wheel."""

    def __init__(self, directory: Path, target: str) -> None:
        self._directory, self._target = directory, target

    def take(self, entries: list[str], destination: Path) -> list[str]:
        """Link the wheels that are kept into a directory; return the entries whose wheel is not."""
        lacking = []
        for entry in entries:
            kept = next(self._place(entry).glob("*.whl"), None)
            if kept is None:
                lacking.append(entry)
            else:
                (destination / kept.name).hardlink_to(kept)
        return lacking

    def keep(self, entries: list[str], directory: Path) -> None:
        """Keep, of the wheels in a directory, that of each entry."""
        by_name = {normalized(path.name.partition("-")[0]): path for path in directory.glob("*.whl")}
        for entry in entries:
            place = self._place(entry)
            place.mkdir(parents=True, exist_ok=True)
            wheel = by_name[normalized(NAME.match(entry)[0])]
            (place / wheel.name).unlink(missing_ok=True)
            (place / wheel.name).hardlink_to(wheel)

    def _place(self, entry: str) -> Path:
        return self._directory / hashlib.sha256(f"{self._target}\n{entry}".encode()).hexdigest()[:24]

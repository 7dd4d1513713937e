"""A log with the older files that it was rotated into, read from a time on and then as it grows. Runs on a host."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator

from log_times import moment

#: Bytes of one line that are kept.
LONGEST = 65536
#: Files above this many bytes are not read from their beginning where only their end is asked for.
SMALL = 1 << 20
_ROTATED = re.compile(r"\.\d+(\.gz)?$")

Line = tuple[float, str]


class Log:
    """One log of a program; ``only`` is what a line must match, of continuation lines the line they belong to."""

    def __init__(self, program: str, path: str, only: str = "") -> None:
        self.program, self.path = program, path
        self._only = re.compile(only) if only else None
        self._file, self._rest, self._time, self._take = None, b"", 0.0, True

    def history(self, since: float) -> Iterator[Line]:
        """Yield (time, line) from ``since`` on, the oldest file first; what grows later is ``fresh``."""
        for name in self._older(since):
            opened = gzip.open if name.endswith(".gz") else open
            try:
                with opened(name, "rb") as file:
                    if opened is open:
                        _skip(file, since)
                    yield from self._lines(file, since)
            except OSError:
                continue  # Rotated away between the two looks.
        if self._open():
            _skip(self._file, since)
            yield from self._lines(self._file, since, keep=True)

    def fresh(self) -> Iterator[Line]:
        """Yield what was written since the last look, across a rotation or a truncation."""
        if self._file is None:
            if self._open():
                yield from self._lines(self._file, 0, keep=True)
            return
        yield from self._lines(self._file, 0, keep=True)
        try:
            now, held = os.stat(self.path), os.fstat(self._file.fileno())
        except FileNotFoundError:
            return
        if now.st_ino != held.st_ino:
            # What was written between the two looks at the old file is still in it.
            yield from self._lines(self._file, 0, keep=True)
            self._file.close()
            self._file, self._rest = None, b""
            if self._open():
                yield from self._lines(self._file, 0, keep=True)
        elif now.st_size < self._file.tell():
            self._file.seek(0)
            self._rest = b""
            yield from self._lines(self._file, 0, keep=True)

    def skip(self) -> None:
        """Take all that is there for read."""
        if self._open():
            self._file.seek(0, os.SEEK_END)

    def _open(self) -> bool:
        try:
            self._file = open(self.path, "rb")  # noqa: SIM115
        except OSError:
            self._file = None
        return self._file is not None

    def _older(self, since: float) -> list[str]:
        folder, name = os.path.split(self.path)
        try:
            entries = [entry for entry in os.scandir(folder) if entry.name.startswith(name)]
        except OSError:
            return []
        found = [e for e in entries if _ROTATED.fullmatch(e.name[len(name) :]) and e.stat().st_mtime >= since]
        return [entry.path for entry in sorted(found, key=lambda entry: entry.stat().st_mtime)]

    def _lines(self, file, since: float, keep: bool = False) -> Iterator[Line]:
        """Yield the complete lines; with ``keep`` one that is being written waits for its end."""
        for raw in iter(lambda: file.readline(LONGEST), b""):
            if keep and not raw.endswith(b"\n") and len(raw) < LONGEST:
                self._rest += raw
                continue
            line = (self._rest + raw).decode(errors="replace").rstrip("\r\n")
            self._rest = b""
            time = moment(line)
            # A line without a time belongs to the one before it, as those of a traceback. Of a program that never
            # writes one, its file's last change has to do.
            if time is not None:
                self._time = time
            self._time = self._time or os.fstat(file.fileno()).st_mtime
            if time is not None or self._only is None:
                self._take = self._only is None or bool(self._only.search(line))
            if self._take and self._time >= since:
                yield self._time, line


def _skip(file, since: float) -> None:
    """Go to about the first line that is not older: by halves, as a log is in the order of time."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while high - low > SMALL:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        times = (moment(file.readline(LONGEST).decode(errors="replace")) for _ in range(200))
        time = next((found for found in times if found is not None), None)
        low, high = (low, middle) if time is None or time >= since else (middle, high)
    file.seek(low)
    if low:
        file.readline()

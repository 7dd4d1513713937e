"""A log file that several processes share."""

import fcntl
import logging
import os
from logging.handlers import WatchedFileHandler

MAX_BYTES = 10 * 2**20
BACKUPS = 5


class SharedRotatingFileHandler(WatchedFileHandler):
    """Append to a file; whoever finds it full renames it to ``.1`` (up to ``.5``) and begins another.

    All processes of a worker write to one file: each line is one append, and the others see by the inode that the
    file was renamed. logging's own RotatingFileHandler would rename it once for each process and lose lines; a file
    for each process would leave one behind for every child that is replaced; and logrotate is one thing more that a
    developer's machine or a container lacks.
    """

    def __init__(self, filename: str, max_bytes: int = MAX_BYTES, backups: int = BACKUPS) -> None:
        # Opened with the first line: reading the settings must not make a file of the wrong owner.
        super().__init__(filename, encoding="utf-8", delay=True)
        self._max_bytes, self._backups = max_bytes, backups

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, after a rotation where one is due."""
        try:
            self._rotate_when_full()
        except OSError:
            self.handleError(record)
        super().emit(record)

    def _rotate_when_full(self) -> None:
        if not self._is_full():
            return
        # The folder is the lock: nothing is left behind by it.
        folder = os.open(os.path.dirname(self.baseFilename), os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            # Another process may have been faster.
            if self._is_full():
                names = [self.baseFilename, *(f"{self.baseFilename}.{n}" for n in range(1, self._backups + 1))]
                for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
                    if os.path.exists(newer):
                        os.replace(newer, older)
        finally:
            os.close(folder)

    def _is_full(self) -> bool:
        try:
            return os.stat(self.baseFilename).st_size >= self._max_bytes
        except FileNotFoundError:
            return False

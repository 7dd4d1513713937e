"""The host that a member is on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

#: Seconds between two looks.
PAUSE = 1.0


class TurnError(Exception):
    """The service could not do without the member, or it did not come back; the message says why."""


class Host:
    """Runs commands by ``run``, which returns exit code, output and complaint; gives up after ``seconds``."""

    def __init__(self, run: Callable[[list[str]], tuple[int, str, str]], seconds: float) -> None:
        self._run, self.seconds = run, seconds

    def try_command(self, *words: str) -> tuple[bool, str]:
        """Return whether a command succeeds, and what it prints."""
        code, out, complaint = self._run(list(words))
        return code == 0, out if code == 0 else (complaint or out)

    def command(self, *words: str) -> str:
        """Return what a command prints. Raises TurnError where it fails."""
        well, said = self.try_command(*words)
        if not well:
            last = (said.strip().splitlines() or ["no word"])[-1]
            raise TurnError(f"{' '.join(words[:3])}: {last}")
        return said

    def until(self, look: Callable[[], Any], words: str) -> Any:
        """Return what a look returns once it is something. Raises TurnError, with these words, when time is up."""
        deadline = time.monotonic() + self.seconds
        while True:
            try:
                found, why = look(), ""
            except (TurnError, OSError, ValueError, KeyError) as error:
                found, why = None, f" ({error})"
            if found:
                return found
            if time.monotonic() >= deadline:
                raise TurnError(f"not within {self.seconds:g} s: {words}{why}")
            time.sleep(PAUSE)

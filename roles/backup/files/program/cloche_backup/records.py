"""What became of each job, in a file that `make status` reads; one job at a time."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Details = dict[str, Any]
#: Seconds that one job waits for another.
PATIENCE = 6 * 3600


def write(path: Path, content: Any) -> None:
    """Replace a JSON file as a whole; readable by root alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def read(path: Path) -> Any:
    """Return what a JSON file holds; an empty dictionary where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@contextmanager
def alone(folder: Path, seconds: float = PATIENCE) -> Iterator[None]:
    """Keep other jobs of this host out meanwhile; TimeoutError where one does not end within the time."""
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + seconds
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError("another backup, drill or restore of this host still runs") from None
                time.sleep(0.2)
        yield


def recorded(folder: Path, job: str, work: Callable[[], Details]) -> Details:
    """Do a job and return its record, which is also kept as ``<job>.json``.

    ``{job, outcome, at, seconds, succeeded, why, …}``: ``outcome`` is done or failed, ``at`` its end and ``succeeded``
    the end of the last one that was done, in seconds since 1970, or None; further keys are what the work returned.
    Whatever the work raises is a failure.
    """
    path = folder / f"{job}.json"
    before = read(path)
    begun = time.time()
    try:
        details, why = work(), ""
    except Exception as error:
        details, why = {}, str(error) or type(error).__name__
    ended = time.time()
    record = {
        **details, "job": job, "outcome": "failed" if why else "done", "at": int(ended),
        "seconds": round(ended - begun, 1), "succeeded": before.get("succeeded") if why else int(ended), "why": why,
    }  # fmt: skip
    write(path, record)
    return record

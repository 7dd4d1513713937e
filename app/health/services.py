"""Running the checks side by side, each within a time limit."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from django.db import connections

from health import checks

logger = logging.getLogger(__name__)

#: Seconds that the whole answer may take, and little more.
LIMIT = 2.5
CHECKS: dict[str, Callable[[], None]] = {
    "database": checks.database,
    "cache": checks.cache_store,
    "broker": checks.broker,
    "migrations": checks.migrations,
}

_lock = threading.Lock()
#: By name: the check that runs or ran last; its result is (seconds, what it raised).
_latest: dict[str, "Future[tuple[float, Exception | None]]"] = {}


def readiness() -> dict[str, Any]:
    """Return ``{"status": "ok" or "unavailable", "checks": {name: {"ok", "ms"[, "error"]}}}``."""
    deadline = time.monotonic() + LIMIT
    futures = {name: _start(name, check) for name, check in CHECKS.items()}
    results = {name: _collect(name, future, deadline) for name, future in futures.items()}
    return {"status": "ok" if all(r["ok"] for r in results.values()) else "unavailable", "checks": results}


def _start(name: str, check: Callable[[], None]) -> "Future[tuple[float, Exception | None]]":
    """Run the check in a thread. One that still hangs from an earlier request is waited for, not joined by another."""
    with _lock:
        future = _latest.get(name)
        if future is None or future.done():
            future = _latest[name] = Future()
            # Daemon: a hung service must not keep the process from ending.
            threading.Thread(target=_run, args=(check, future), name=f"readyz-{name}", daemon=True).start()
        return future


def _run(check: Callable[[], None], future: "Future[tuple[float, Exception | None]]") -> None:
    began, failure = time.monotonic(), None
    try:
        check()
    except Exception as error:
        failure = error
    finally:
        connections.close_all()
        future.set_result((time.monotonic() - began, failure))


def _collect(name: str, future: "Future[tuple[float, Exception | None]]", deadline: float) -> dict[str, Any]:
    try:
        seconds, failure = future.result(timeout=max(0.0, deadline - time.monotonic()))
    except FutureTimeout:
        seconds, failure = LIMIT, checks.NotReady(f"no answer within {LIMIT} s")
    answer: dict[str, Any] = {"ok": failure is None, "ms": round(seconds * 1000, 1)}
    if failure is not None:
        # The kind only: the text of most errors may hold a URL with its password.
        answer["error"] = str(failure) if isinstance(failure, checks.NotReady) else type(failure).__name__
        logger.warning("readyz: %s: %s", name, answer["error"])
    return answer

"""Running the checks side by side, each within a time limit."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection

from core.bounded import Answer, NoAnswer, ask
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


def readiness() -> dict[str, Any]:
    """Return ``{"status": "ok" or "unavailable", "checks": {name: {"ok", "ms"[, "error"]}}}``."""
    answers = ask({f"readyz-{name}": check for name, check in CHECKS.items()}, LIMIT)
    results = {name: _report(name, answers[f"readyz-{name}"]) for name in CHECKS}
    ready = all(result["ok"] for result in results.values())
    if ready:
        _open_own_connections()
    return {"status": "ok" if ready else "unavailable", "checks": results}


def _open_own_connections() -> None:
    """Open what the next request of this thread would wait for; the checks had theirs in threads that have ended."""
    connection.ensure_connection()
    cache.get("readyz")


def _report(name: str, answer: Answer) -> dict[str, Any]:
    report: dict[str, Any] = {"ok": answer.error is None, "ms": round(answer.seconds * 1000, 1)}
    if answer.error is not None:
        # The kind only: the text of most errors may hold a URL with its password.
        told = isinstance(answer.error, checks.NotReady | NoAnswer)
        report["error"] = str(answer.error) if told else type(answer.error).__name__
        logger.warning("readyz: %s: %s", name, report["error"])
    return report

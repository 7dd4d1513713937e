"""Whether beat ticks: it notes in the cache what it published last; its schedules' own times are written rarely."""

import logging
import time
from typing import Any

from celery import signals
from django.core.cache import cache
from django.db.models import Max
from django_celery_beat.models import PeriodicTask

logger = logging.getLogger(__name__)

_KEY, _KEPT = "ops:beat", 24 * 3600


@signals.beat_init.connect
def follow(**_: Any) -> None:
    """In beat's own process, and only there, note every publication."""
    signals.after_task_publish.connect(note)


def note(sender: str | None = None, **_: Any) -> None:
    """Note that beat has published a task now."""
    try:
        cache.set(_KEY, {"at": time.time(), "task": sender}, timeout=_KEPT)
    # Its kinds depend on the cache that is configured; beat goes on without.
    except Exception as error:
        logger.info("ops: tick not noted, the cache is away: %s", type(error).__name__)


def last_tick() -> dict[str, Any] | None:
    """Return ``{"at": seconds since 1970, "task": name}``; None for none within a day. Raises what the cache raises."""
    tick: dict[str, Any] | None = cache.get(_KEY)
    return tick


def schedules() -> dict[str, Any]:
    """Return ``{"enabled": count, "last_run_at": datetime or None}``; beat writes the latter with each run."""
    enabled = PeriodicTask.objects.filter(enabled=True)
    return {"enabled": enabled.count(), **enabled.aggregate(last_run_at=Max("last_run_at"))}

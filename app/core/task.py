"""The base class of all tasks."""

import math
from datetime import datetime, timedelta
from typing import Any

from celery.contrib.django.task import DjangoTask
from celery.utils.time import maybe_make_aware
from dateutil.parser import isoparse

from core import inprocess


class GardenTask(DjangoTask):
    """A task whose delays are whole seconds, and that also runs where there is no broker."""

    abstract = True

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """Publish the task; ``countdown`` (seconds) and ``eta`` are rounded up to whole seconds of delay.

        Native delayed delivery truncates: 1.7 s would become 1, and below one second it raises. Within
        ``self.retry`` the task would then be lost.
        """
        inprocess.ensure_worker(self.app)
        return super().apply_async(*args, **whole_seconds(options, self.app.now()))


def whole_seconds(options: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the options with a positive ``countdown`` or ``eta`` rounded up to whole seconds from now."""
    if countdown := options.get("countdown"):
        return {**options, "countdown": math.ceil(countdown)}
    if eta := options.get("eta"):
        moment = maybe_make_aware(isoparse(eta) if isinstance(eta, str) else eta)
        delay = (moment - now).total_seconds()
        if 0 < delay < 2:
            # Measured against the clock again while publishing: leave it a margin of a second.
            return {**options, "eta": now + timedelta(seconds=2)}
    return options

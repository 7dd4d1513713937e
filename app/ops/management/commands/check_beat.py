"""``manage.py check_beat``: whether beat ticks, for supervisors that ask by a command."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ops import beat
from ops.selectors import BEAT_IS_LATE


class Command(BaseCommand):
    """Exit with 1 where beat has published nothing for too long."""

    help = "Fail where beat has published nothing for three minutes."
    # Asked again and again: only the cache is needed.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the last tick with now."""
        tick = beat.last_tick()
        if tick is None:
            raise CommandError("Beat has published nothing within a day.")
        age = time.time() - tick["at"]
        if age > BEAT_IS_LATE.total_seconds():
            raise CommandError(f"Beat published last {age:.0f} s ago ({tick['task']}).")
        self.stdout.write(f"Beat published {tick['task']} {age:.0f} s ago.")

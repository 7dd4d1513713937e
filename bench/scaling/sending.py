"""Send ledger tasks, on a host with the application's release: its settings, its confirmed publishing.

``python sending.py PREFIX COUNT RATE``: so many a second, each written down when it is sent; RATE 0 sends all at once.
"""

from __future__ import annotations

import sys
import time

import django

django.setup()

from core.publishing import publish  # noqa: E402
from ledger.models import Entry  # noqa: E402
from ledger.tasks import record_run  # noqa: E402


def send(entry: Entry) -> None:
    """Publish an entry's task, confirmed by the broker."""
    publish(record_run, {"number": entry.pk, "seconds": 0}, queue=entry.queue)


def fill(prefix: str, count: int) -> None:
    """Send all at once."""
    entries = [Entry(key=f"{prefix}{number}", queue="default") for number in range(count)]
    for entry in Entry.objects.bulk_create(entries, batch_size=1000):
        send(entry)


def pace(prefix: str, count: int, rate: float) -> None:
    """Send one every 1 / rate seconds, whatever becomes of those before."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        send(Entry.objects.create(key=f"{prefix}{number}", queue="default"))


if __name__ == "__main__":
    chosen, amount, speed = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    if speed:
        pace(chosen, amount, speed)
    else:
        fill(chosen, amount)

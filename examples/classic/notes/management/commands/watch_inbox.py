"""``manage.py watch_inbox``: a process that never ends by itself."""

import signal
import time

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.db.models import Count, F, Q
from django.utils import timezone

from notes.models import Note, Tally

#: Seconds within which a signal is noticed.
TURN = 0.2


class Command(BaseCommand):
    help = "Count the notes that wait, over and over, into one row; TERM ends it between two looks."
    stopping = False

    def add_arguments(self, parser):
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between two looks")

    def handle(self, *, interval, **options):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        self.stdout.write("watching the inbox")
        while not self.stopping:
            try:
                self.look()
            except OperationalError as error:
                self.stderr.write(f"the database is away: {error}")
            self.rest(interval)
        self.stdout.write("told to stop, and did")

    def stop(self, number, frame):
        # No more than that: what is being written is written to its end.
        self.stopping = True

    def look(self):
        """Write what there is at this moment."""
        # As Django does around a request: a connection that has died is replaced.
        close_old_connections()
        counts = Note.objects.order_by().aggregate(
            waiting=Count("pk", filter=Q(processed=None)),
            processed=Count("pk", filter=Q(processed__isnull=False)),
        )
        Tally.objects.get_or_create(pk=1)
        Tally.objects.filter(pk=1).update(looks=F("looks") + 1, looked=timezone.now(), **counts)

    def rest(self, seconds):
        """Sleep, in turns: a sleep goes on after a signal."""
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(TURN, left))

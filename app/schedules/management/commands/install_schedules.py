"""``manage.py install_schedules``: what beat does when it starts, and ``migrate`` in a fresh database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from schedules.services import install


class Command(BaseCommand):
    """Install the schedules that were never installed here; safe to repeat."""

    help = "Install this application's schedules. Those that an operator edited, disabled or deleted stay so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --restore."""
        parser.add_argument("--restore", action="store_true", help="also bring back what was deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Install, and say what was done."""
        done = install(restore=options["restore"])
        self.stdout.write("\n".join(done) or "Nothing to do.")

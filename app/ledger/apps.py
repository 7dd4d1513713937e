"""A book of what was accepted and what was done: the drills stand on it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Numbered entries and the runs of their tasks."""

    name = "ledger"

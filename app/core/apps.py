"""What the features share."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Base template, management commands, base task."""

    name = "core"

    def ready(self) -> None:
        """Connect the signals that carry request ids into tasks."""
        from core import correlation  # noqa: F401

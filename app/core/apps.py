"""What the features share."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Base template, management commands, base task."""

    name = "core"

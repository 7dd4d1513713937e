"""What the operators see."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """The operations page, and the counting behind it."""

    name = "ops"
    verbose_name = "operations"
    navigation = (("Operations", "ops:home", True),)

    def ready(self) -> None:
        """Connect the signals, in workers, beat and web processes alike."""
        from ops import beat, recording  # noqa: F401

"""Whether the process is up, and whether it can work."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """/livez and /readyz."""

    name = "health"
    navigation = (("Readiness", "health:readyz", False),)

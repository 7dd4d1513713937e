"""What runs by the clock."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SchedulesConfig(AppConfig):
    """The periodic tasks that this application brings along, and a page of all that there are."""

    name = "schedules"
    navigation = (("Schedules", "schedules:home", True),)

    def ready(self) -> None:
        """Fill a fresh database after ``migrate``."""
        from schedules.services import install_in_fresh_database

        post_migrate.connect(install_in_fresh_database, sender=self)

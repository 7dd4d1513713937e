"""Reports on the repositories of a code host."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """A crawl, a CSV file made of it, and the table of both."""

    name = "reports"
    navigation = (("Reports", "reports:home", False),)

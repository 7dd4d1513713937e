"""Start a task, watch it."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """The page with the three buttons, and its API."""

    name = "tasks"
    navigation = (("Tasks", "tasks:home", False),)

"""Visitors write, and a mail arrives."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """A form, its submissions, and the outbox that their mails leave through."""

    name = "feedback"
    verbose_name = "feedback"
    navigation = (("Feedback", "feedback:home", False),)

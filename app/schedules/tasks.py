"""Celery tasks: thin; what they do is in services."""

from celery import shared_task

from schedules import services


@shared_task(name="schedules.trim_results", ignore_result=True, soft_time_limit=60, time_limit=90)
def trim_results() -> None:
    """Keep the newest results of each schedule. Idempotent: a second run finds nothing."""
    services.trim_results()

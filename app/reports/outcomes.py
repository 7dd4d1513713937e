"""What becomes of a report that does not go well, in words."""

from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from core.publishing import NotConfirmed
from reports.models import Report
from upstream.errors import UpstreamError


def record_retry(report_id: int, error: UpstreamError, wait: float) -> None:
    """Say why the crawl pauses, and until when (``wait``: seconds)."""
    moment = timezone.now() + timedelta(seconds=wait)
    words = f"{error} Next try at {moment:%H:%M:%S} UTC."
    Report.objects.filter(pk=report_id, ended_at=None).update(problem=words)


def record_failure(report_id: int, error: BaseException) -> None:
    """End the report as failed, unless it is ready."""
    Report.objects.filter(pk=report_id, rows=None).update(problem=_words(error), ended_at=timezone.now())


def _words(error: BaseException) -> str:
    match error:
        case UpstreamError():
            return str(error)
        case NotConfirmed():
            return "The broker did not confirm the task."
        case SoftTimeLimitExceeded():
            return "The work took too long."
        case _:
            # The kind only: the text of other errors is not for visitors.
            return f"The work failed ({type(error).__name__})."

"""Celery tasks: thin; what they do is in services."""

from celery import Task, shared_task

from config.celery_settings import SOFT_TIME_LIMIT, TIME_LIMIT
from core.database import UNREACHABLE
from photos import services
from upstream import backoff
from upstream.errors import TemporaryError, UpstreamError


@shared_task(
    name="photos.task_save_latest_flickr_image",
    bind=True,
    ignore_result=False,
    soft_time_limit=SOFT_TIME_LIMIT,
    time_limit=TIME_LIMIT,
    # Foreseen: no traceback in the log, and no mail to the admins.
    throws=(UpstreamError,),
    autoretry_for=UNREACHABLE,
    max_retries=4,
    retry_backoff=1,
)
def task_save_latest_flickr_image(self: Task) -> str | None:
    """Save the newest photo of the feed; return its id, or None where there is nothing new. Idempotent per photo id."""
    try:
        saved = services.save_latest()
    except UpstreamError as error:
        services.record_check(str(error))
        if not isinstance(error, TemporaryError):
            raise
        # After the last try it raises the error itself.
        raise self.retry(exc=error, countdown=backoff.delay(error, self.request.retries)) from error
    services.record_check()
    return saved


@shared_task(
    name="photos.remove_old_photos", ignore_result=True, soft_time_limit=SOFT_TIME_LIMIT, time_limit=TIME_LIMIT
)
def remove_old_photos() -> int:
    """Remove photos that were kept long enough. Idempotent: a second run finds none."""
    return services.remove_old()

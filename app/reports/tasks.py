"""Celery tasks: thin; what they do is in work and mail."""

import logging
from smtplib import SMTPException
from typing import Any

from celery import Task, shared_task

from config.celery_settings import SOFT_TIME_LIMIT, TIME_LIMIT
from core.database import UNREACHABLE
from core.task import GardenTask
from reports import mail, outcomes, work
from upstream import backoff
from upstream.errors import TemporaryError, UpstreamError

logger = logging.getLogger(__name__)

#: Seconds. Ten pages whose every read takes its time; below the limit of the slow queue's worker.
CRAWL_SOFT_TIME_LIMIT, CRAWL_TIME_LIMIT = 420, 450


class ReportTask(GardenTask):
    """A task of a report, which says in words why it failed."""

    abstract = True

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: dict[str, Any], einfo: Any) -> None:
        """Record the failure; Celery itself marks what is chained behind this task as failed."""
        outcomes.record_failure(kwargs["report_id"], exc)


@shared_task(
    name="reports.crawler_repos",
    bind=True,
    base=ReportTask,
    ignore_result=False,
    soft_time_limit=CRAWL_SOFT_TIME_LIMIT,
    time_limit=CRAWL_TIME_LIMIT,
    # Foreseen: no traceback in the log, and no mail to the admins.
    throws=(UpstreamError,),
    autoretry_for=UNREACHABLE,
    max_retries=6,
    retry_backoff=1,
)
def crawler_repos(self: Task, *, report_id: int) -> int:
    """Crawl the pages of a report; return their number. Idempotent: a page that is there is not fetched again."""
    try:
        return work.crawl(report_id)
    except TemporaryError as error:
        wait = backoff.delay(error, self.request.retries)
        outcomes.record_retry(report_id, error, wait)
        # After the last try it raises the error itself.
        raise self.retry(exc=error, countdown=wait) from error


@shared_task(
    name="reports.build_report_task",
    base=ReportTask,
    ignore_result=False,
    soft_time_limit=SOFT_TIME_LIMIT,
    time_limit=TIME_LIMIT,
    autoretry_for=UNREACHABLE,
    max_retries=6,
    retry_backoff=1,
)
def build_report_task(*, report_id: int, dashboard_url: str) -> int:
    """Build the file; return the number of its rows. Idempotent: a report is built once, and its mail sent once."""
    rows = work.build(report_id)
    try:
        send_ready_mail.delay(report_id=report_id, dashboard_url=dashboard_url)
    except Exception:
        # The report is there; a mail that could not be asked for is no reason to call it failed.
        logger.exception("the mail for report %s was not queued", report_id)
    return rows


@shared_task(
    name="reports.send_ready_mail",
    ignore_result=True,
    soft_time_limit=60,
    time_limit=90,
    autoretry_for=(SMTPException, OSError, *UNREACHABLE),
    max_retries=5,
    retry_backoff=60,
)
def send_ready_mail(*, report_id: int, dashboard_url: str) -> bool:
    """Tell the owner that the report is ready. Idempotent: at most one mail a report."""
    return mail.send_ready_mail(report_id, dashboard_url)


@shared_task(
    name="reports.remove_old_reports", ignore_result=True, soft_time_limit=SOFT_TIME_LIMIT, time_limit=TIME_LIMIT
)
def remove_old_reports() -> int:
    """Remove reports that were kept long enough. Idempotent: a second run finds none."""
    return work.remove_old()

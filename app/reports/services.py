"""Asking for a report: what the web does. The worker's part is in work."""

import uuid

from django.contrib.auth.models import User
from django.db import transaction

from core.publishing import NotConfirmed, publish
from reports import outcomes
from reports.models import Report
from reports.tasks import build_report_task, crawler_repos


def start(language: str, owner: User, dashboard_url: str) -> Report:
    """Publish the crawl with the build chained to it, and return the report.

    ``dashboard_url`` is for the mail. Raises NotConfirmed, which means *perhaps*: the report then shows as
    failed, and as ready after all where the crawl did arrive. Repeating makes another report.
    """
    # Durable: the row must be committed before a worker can see the task.
    with transaction.atomic(durable=True):
        report = Report.objects.create(
            task_id=str(uuid.uuid4()), crawl_task_id=str(uuid.uuid4()), language=language, owner=owner
        )
    build = build_report_task.si(report_id=report.pk, dashboard_url=dashboard_url).set(task_id=report.task_id)
    try:
        # Not by chain(…).apply_async: it would leave the confirmed connection aside.
        publish(crawler_repos, {"report_id": report.pk}, task_id=report.crawl_task_id, chain=[build])
    except NotConfirmed as problem:
        outcomes.record_failure(report.pk, problem)
        raise
    return report

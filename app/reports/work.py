"""Crawling, building and removing: what the worker does."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from files import services as files
from reports import search
from reports.csvfile import to_csv
from reports.models import CrawledPage, Report


def crawl(report_id: int) -> int:
    """Fetch the pages that are not there yet; return how many there are. Raises TemporaryError or PermanentError.

    Nothing is to be done for a report that is ready, or that was deleted.
    """
    # One that was given up on and is taken up after all is waiting again.
    if not Report.objects.filter(pk=report_id, rows=None).update(problem="", ended_at=None):
        return 0
    report = Report.objects.get(pk=report_id)
    latest = report.pages.order_by("number").last()
    while latest is None or not latest.is_last:
        number = latest.number + 1 if latest else 1
        page = search.fetch_page(report.language, number)
        # A second run at the same time may have been faster: then its page counts.
        latest, _ = CrawledPage.objects.get_or_create(
            report=report, number=number, defaults={"repositories": page.repositories, "is_last": page.is_last}
        )
    return latest.number


def build(report_id: int) -> int:
    """Make the file of the crawled pages and return the number of its rows; a ready report stays as it is."""
    # The row is the lock: a second run at the same time would find the pages gone.
    with transaction.atomic():
        report = Report.objects.select_for_update().filter(pk=report_id).first()
        if report is None:
            return 0
        if report.rows is None:
            pages = report.pages.order_by("number").values_list("repositories", flat=True)
            # By name: a repository that moved to the next page while the pages were fetched is in both.
            repositories = {each["full_name"]: each for page in pages for each in page}
            files.save(report.stored_name, to_csv(repositories.values()))
            report.rows, report.ended_at, report.problem = len(repositories), timezone.now(), ""
            report.save(update_fields=["rows", "ended_at", "problem"])
            report.pages.all().delete()
        return report.rows


def remove_old() -> int:
    """Remove the reports that were asked for more than REPORTS_KEPT_DAYS ago, ready or not; return how many."""
    return files.remove_old(Report.objects.all(), "requested_at", settings.REPORTS_KEPT_DAYS, "stored_name")

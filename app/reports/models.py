"""Reports, and what has been crawled for those that are not built yet."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from files.paths import PRIVATE


class Report(models.Model):
    """A CSV file that somebody asked for: waiting or running until ``ended_at``, ready when it has its ``rows``."""

    # Of the task that builds it: what the client was told.
    task_id = models.CharField(max_length=36, unique=True)
    crawl_task_id = models.CharField(max_length=36)
    language = models.CharField(max_length=50)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="reports")
    requested_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    problem = models.TextField(blank=True, help_text="a sentence: why it failed, or is being tried again")
    mailed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.language} {self.task_id}"

    @property
    def file_name(self) -> str:
        """What the file is called where it is downloaded."""
        return f"github-repos-{self.task_id}.csv"

    @property
    def stored_name(self) -> str:
        """Where it lies below MEDIA_ROOT."""
        return f"{PRIVATE}/reports/{self.file_name}"

    @property
    def took(self) -> timedelta | None:
        """From the request to the end."""
        return self.ended_at - self.requested_at if self.ended_at else None


class CrawledPage(models.Model):
    """One page of search results: a crawl that is tried again goes on behind its last page."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField()
    # A list of {"name", "full_name", "html_url", "description"}.
    repositories = models.JSONField()
    is_last = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["report", "number"], name="reports_page_once"),)

    def __str__(self) -> str:
        return f"{self.report_id} page {self.number}"

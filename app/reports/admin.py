"""Reports in the admin."""

from django.contrib import admin

from files.admin import MadeByTasks
from reports.models import Report


@admin.register(Report)
class ReportAdmin(MadeByTasks):
    """All reports; they are started on their own page."""

    file_attribute = "stored_name"
    list_display = ("task_id", "language", "owner", "requested_at", "ended_at", "rows", "problem", "mailed_at")
    list_filter = ("language",)
    search_fields = ("task_id__startswith", "owner__username")
    list_select_related = ("owner",)

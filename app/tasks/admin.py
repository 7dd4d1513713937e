"""Cancelled tasks in the admin."""

from django.contrib import admin

from core.admin import ReadOnly
from tasks.models import Cancellation


@admin.register(Cancellation)
class CancellationAdmin(ReadOnly, admin.ModelAdmin):
    """What was cancelled, newest first."""

    list_display = ("task_id", "requested_at")
    ordering = ("-requested_at",)

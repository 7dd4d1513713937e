"""The ledger in the admin: to be read. A book that can be edited proves nothing."""

from django.contrib import admin

from core.admin import ReadOnly
from ledger.models import Entry, Run


class RunInline(ReadOnly, admin.TabularInline):
    """The runs below their entry."""

    model = Run
    extra = 0


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):
    """Entries with their runs."""

    list_display = (
        "id",
        "key",
        "queue",
        "seconds",
        "created_at",
        "confirmed_at",
        "completed_task_id",
    )
    list_filter = ("queue",)
    search_fields = ("key__startswith",)
    # Counting a hundred thousand rows for a page of a hundred is slow.
    show_full_result_count = False
    inlines = (RunInline,)


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin):
    """All runs."""

    list_display = (
        "task_id",
        "entry",
        "outcome",
        "worker",
        "release",
        "redelivered",
        "started_at",
        "ended_at",
    )
    list_filter = ("outcome", "redelivered")
    list_select_related = ("entry",)
    show_full_result_count = False

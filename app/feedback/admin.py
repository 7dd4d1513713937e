"""Submissions in the admin: to be read, deleted, and sent again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnly
from feedback import services
from feedback.models import OutboxEntry, Submission


class OutboxEntryInline(ReadOnly, admin.TabularInline):
    """The outbox entry below its submission, while there is one."""

    model = OutboxEntry


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, admin.ModelAdmin):
    """Submissions; their state belongs to the tasks."""

    list_display = ("id", "email", "state", "attempts", "created_at", "sent_at", "last_error")
    list_filter = ("state",)
    search_fields = ("email",)
    ordering = ("-pk",)
    inlines = (OutboxEntryInline,)
    actions = ("send_again",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may: a visitor can ask to be forgotten."""
        return request.user.has_perm("feedback.delete_submission")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Whoever may change submissions, if they could be changed."""
        return request.user.has_perm("feedback.change_submission")

    @admin.action(description="Send again (sent, failed and uncertain ones)", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        """Put the chosen submissions into the outbox."""
        count = services.resend(queryset)
        self.message_user(request, f"{count} of {queryset.count()} put into the outbox; the others are on their way.")

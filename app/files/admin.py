"""Files in the admin, and what the admins of models with a file share."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from files import services
from files.models import StoredFile


class MadeByTasks(admin.ModelAdmin):
    """Rows that tasks make: to be read and deleted, with the file that ``file_attribute`` names."""

    file_attribute = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the row and its file."""
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        """Delete the rows and their files."""
        for row in queryset:
            row.delete()
            if self.file_attribute:
                services.delete(getattr(row, self.file_attribute))


@admin.register(StoredFile)
class StoredFileAdmin(MadeByTasks):
    """All files, without their content."""

    list_display = ("name", "saved_at")
    fields = ("name", "saved_at")
    search_fields = ("name",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the content where it is."""
        return super().get_queryset(request).defer("content")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a file goes with the row that it belongs to."""
        return False

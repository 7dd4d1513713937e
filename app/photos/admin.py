"""Photos in the admin."""

from django.contrib import admin

from files.admin import MadeByTasks
from photos.models import FeedStatus, Photo


@admin.register(Photo)
class PhotoAdmin(MadeByTasks):
    """All photos."""

    file_attribute = "image_name"
    list_display = ("photo_id", "title", "image_name", "saved_at")
    search_fields = ("photo_id", "title")


@admin.register(FeedStatus)
class FeedStatusAdmin(MadeByTasks):
    """How the latest reading of the feed went."""

    list_display = ("checked_at", "problem")

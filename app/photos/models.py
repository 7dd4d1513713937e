"""Saved photos, and how reading the feed went."""

from django.conf import settings
from django.db import models


class Photo(models.Model):
    """A photo of the feed; its image is a file."""

    photo_id = models.CharField(max_length=100, unique=True, help_text="the feed's")
    title = models.CharField(max_length=200, blank=True)
    page_url = models.URLField(max_length=500)
    image_name = models.CharField(max_length=200, help_text="path below MEDIA_ROOT")
    saved_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.title or f"Photo {self.photo_id}"

    @property
    def image_url(self) -> str:
        """Where a browser gets the image."""
        return f"{settings.MEDIA_URL}{self.image_name}"


class FeedStatus(models.Model):
    """The one row that says how the latest reading of the feed went."""

    ONLY = 1

    checked_at = models.DateTimeField()
    problem = models.TextField(blank=True, help_text="a sentence; empty where all was well")

    class Meta:
        verbose_name_plural = "feed status"

    def __str__(self) -> str:
        return self.problem or "well"

"""The gallery."""

from typing import Any

from django.core.paginator import Page, Paginator

from photos.models import FeedStatus, Photo

PAGE_SIZE = 12


def page(number: Any) -> Page[Photo]:
    """Return a page of the photos, newest first; for a number that there is not, the nearest."""
    return Paginator(Photo.objects.order_by("-saved_at", "-pk"), PAGE_SIZE).get_page(number)


def feed_status() -> FeedStatus | None:
    """Return how the latest reading of the feed went; None before the first."""
    return FeedStatus.objects.filter(pk=FeedStatus.ONLY).first()

"""Saving photos."""

from django.conf import settings
from django.utils import timezone

from files import services as files
from photos import feed
from photos.images import MAX_SIZE, extension_of
from photos.models import FeedStatus, Photo
from upstream import client
from upstream.client import Limits

IMAGE_LIMITS = Limits(size=MAX_SIZE)


def save_latest() -> str | None:
    """Save the newest photo of the feed; return its id, or None where it is there or the feed is empty.

    Raises TemporaryError or PermanentError. Two runs at once save one photo: the id is unique, and both write the
    same file.
    """
    item = feed.newest()
    if item is None or Photo.objects.filter(photo_id=item.photo_id).exists():
        return None
    # The address comes from the feed, not from the operator.
    image = client.get(item.image_url, limits=IMAGE_LIMITS, inside=item.host)
    name = f"photos/{item.photo_id}.{extension_of(image.body)}"
    # Before its row: a photo that is listed can be shown.
    files.save(name, image.body)
    _, created = Photo.objects.get_or_create(
        photo_id=item.photo_id,
        defaults={"title": item.title, "page_url": item.page_url, "image_name": name},
    )
    return item.photo_id if created else None


def record_check(problem: str = "") -> None:
    """Say how reading the feed went: a sentence, or nothing where all was well."""
    FeedStatus.objects.update_or_create(pk=FeedStatus.ONLY, defaults={"checked_at": timezone.now(), "problem": problem})


def remove_old() -> int:
    """Remove the photos that were saved more than PHOTOS_KEPT_DAYS ago; return how many."""
    return files.remove_old(Photo.objects.all(), "saved_at", settings.PHOTOS_KEPT_DAYS, "image_name")

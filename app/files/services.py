"""Keeping files."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from files.models import StoredFile
from files.paths import path_of, write


def save(name: str, content: bytes) -> None:
    """Keep the content under a name below MEDIA_ROOT, in place of what was there. Idempotent."""
    # The database first: what a host has of its own must not be all there is.
    StoredFile.objects.update_or_create(name=name, defaults={"content": content})
    write(name, content)


def delete(name: str) -> None:
    """Forget the file. Copies on other hosts stay, and nothing leads to them any more."""
    StoredFile.objects.filter(name=name).delete()
    path_of(name).unlink(missing_ok=True)


def remove_old(rows: QuerySet[Any], moment: str, days: int, file_attribute: str) -> int:
    """Delete the rows whose ``moment`` is more than so many days ago, with their files; return how many.

    0 days keep everything. Idempotent; the file goes first, so that what is broken off is taken up by the next run.
    """
    if not days:
        return 0
    old = list(rows.filter(**{f"{moment}__lt": timezone.now() - timedelta(days=days)}))
    for row in old:
        delete(getattr(row, file_attribute))
        row.delete()
    return len(old)

"""Keeping files."""

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

"""Finding files."""

from pathlib import Path

from files.models import StoredFile
from files.paths import path_of, write


def local_path(name: str) -> Path:
    """Return the path of this host's copy; one that another host made is fetched. Raises FileNotFoundError."""
    path = path_of(name)
    if path.is_file():
        return path
    content = StoredFile.objects.filter(name=name).values_list("content", flat=True).first()
    if content is None:
        raise FileNotFoundError(name)
    return write(name, bytes(content))

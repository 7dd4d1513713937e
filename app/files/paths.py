"""Where a file lies on this host."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.utils._os import safe_join

#: Files in this folder of MEDIA_ROOT are handed out by views that ask who wants them. A name with a leading dot
#: is never served from MEDIA_URL, by nginx neither, and only the application's own user may open the folder.
PRIVATE = ".private"


def path_of(name: str) -> Path:
    """Return the path for a name below MEDIA_ROOT. Raises SuspiciousFileOperation for one that leads out of it."""
    return Path(safe_join(settings.MEDIA_ROOT, name))


def is_private(name: str) -> bool:
    """Whether a part of the name begins with a dot (``..`` does, too)."""
    return any(part.startswith(".") for part in name.split("/"))


def write(name: str, content: bytes) -> Path:
    """Write the whole file or nothing of it; whoever reads meanwhile gets the former one."""
    path = path_of(name)
    private = is_private(name)
    if private:
        path_of(PRIVATE).mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            part.chmod(0o600 if private else 0o644)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return path

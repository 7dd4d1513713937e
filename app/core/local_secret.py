"""A secret key for a developer's own checkout."""

import os
import time
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def local_secret_key(path: Path) -> str:
    """Return the key kept in an untracked file that only its owner reads; make it where there is none."""
    try:
        # O_EXCL: runserver starts two processes, and both must use the same key.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    for _ in range(50):
        if key := path.read_text():
            return key
        time.sleep(0.02)  # the other process has made the file and not yet written to it
    raise RuntimeError(f"{path} is empty: delete it")

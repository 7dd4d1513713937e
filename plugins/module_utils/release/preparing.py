"""What an application makes of its source on the host itself, once for each release."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ansible.module_utils.release.commands import execute
from ansible.module_utils.release.layout import Layout

ROOT = (0, 0)
Owner = tuple[int, int]


def is_prepared(layout: Layout, release: str) -> bool:
    """Tell whether the commands have run for this release."""
    return layout.prepared(release).is_file()


def prepare(layout: Layout, release: str, commands: list[dict], user: Owner, root: Owner = ROOT) -> None:
    """Run ``{command, timeout}`` one after the other while the source belongs to the application's user.

    It goes back to root whatever happens, and the mark that keeps them from running again is made when all have
    succeeded. Raises CommandError. ``user`` and ``root`` are uid and gid; tests alone give another root.
    """
    source = layout.release(release) / "source"
    try:
        give(source, root, user)
        for entry in commands:
            execute(layout, release, entry["command"], entry["timeout"])
    finally:
        give(source, user, root)
    layout.prepared(release).touch()


def give(tree: Path, before: Owner, after: Owner) -> None:
    """Give what one user owns in a tree to another; everybody may read it, the owner alone write.

    The application's user may have put links there: none is followed, and a file of root's with several names is not
    given, as another of them may be a secret's.
    """
    for _, directories, files, handle in os.fwalk(tree):
        # First: from here on nobody else replaces what is in it.
        _give(handle, os.fstat(handle), before, after)
        for name in (*directories, *files):
            found = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                continue
            if not stat.S_ISREG(found.st_mode):
                if found.st_uid == before[0]:
                    os.chown(name, *after, dir_fd=handle, follow_symlinks=False)
            elif found.st_nlink == 1 or found.st_uid != 0:
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
                try:
                    _give(file, os.fstat(file), before, after)
                finally:
                    os.close(file)


def _give(handle: int, found: os.stat_result, before: Owner, after: Owner) -> None:
    if found.st_uid != before[0]:
        return
    os.fchown(handle, *after)
    executable = stat.S_ISDIR(found.st_mode) or found.st_mode & 0o111
    os.fchmod(handle, 0o755 if executable else 0o644)

"""What a snapshot depends on, and its name by that."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REPOSITORY = "cloche/stack"
SUITE = "trixie"
#: Whatever of the project decides how the host turns out: what provisions it, what is released on it, who is asked.
SOURCES = (
    "ansible.cfg", "app", "compose/base", "inventories/lab", "playbooks", "plugins", "requirements", "roles",
    "tests/snapshot",
)  # fmt: skip


def digest(project: Path, base: str) -> str:
    """Return twelve hex digits over the sources and the base image's id; files that git ignores do not count."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *SOURCES]
    names = subprocess.run(listed, cwd=project, check=True, capture_output=True).stdout
    found = hashlib.sha256(base.encode())
    for name in sorted(set(names.split(b"\0")) - {b""}):
        path = project / name.decode()
        # One that git still lists may be gone; a link to a directory counts by the files that it leads to.
        if path.is_file():
            found.update(name + b"\0" + oct(path.stat().st_mode & 0o111).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:12]


def checkout(project: Path = PROJECT) -> str:
    """Return what tells this checkout's containers and images from those of another on the same engine."""
    return hashlib.sha256(str(project).encode()).hexdigest()[:6]

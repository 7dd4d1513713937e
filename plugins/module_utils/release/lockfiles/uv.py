"""uv.lock, which uv itself reads."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.release.repository import run
from ansible.module_utils.release.resolving import uv


def read(file: Path, extras: list[str]) -> str:
    """Return the requirements of the project beside a lock, without the groups of its developers."""
    plain = ["--no-header", "--no-annotate", "--no-default-groups", "--no-emit-project"]
    chosen = [word for extra in extras for word in ("--extra", extra)]
    return run(uv(), "export", "--quiet", "--frozen", "--no-python-downloads", *plain, *chosen, cwd=file.parent)

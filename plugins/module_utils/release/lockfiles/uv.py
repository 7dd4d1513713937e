"""uv.lock, which uv itself reads."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.release.lockfiles.metadata import dependency_groups
from ansible.module_utils.release.repository import run
from ansible.module_utils.release.resolving import uv


def read(file: Path, extras: list[str]) -> str:
    """Return the requirements of the project beside a lock, without the groups of its developers."""
    plain = ["--no-header", "--no-annotate", "--no-default-groups", "--no-emit-project"]
    groups = dependency_groups(file.parent / "pyproject.toml")
    chosen = [word for extra in extras for word in ("--group" if extra in groups else "--extra", extra)]
    return run(uv(), "export", "--quiet", "--frozen", "--no-python-downloads", *plain, *chosen, cwd=file.parent)

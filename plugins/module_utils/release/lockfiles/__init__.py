"""Requirements out of the files that projects have instead of a requirements file, one module for each tool."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ansible.module_utils.release import requirements
from ansible.module_utils.release.lockfiles import metadata, pdm, pipfile, poetry, pylock, uv
from ansible.module_utils.release.repository import SourceError
from ansible.module_utils.release.requirement_kinds import kind
from ansible.module_utils.release.requirements import Requirements

_READERS: dict[str, Callable[[Path, list[str]], str]] = {
    "uv.lock": uv.read,
    "pylock.toml": pylock.read,
    "poetry.lock": poetry.read,
    "pdm.lock": pdm.read,
    "Pipfile.lock": pipfile.read,
    "pyproject.toml": metadata.read_pyproject,
    "setup.cfg": metadata.read_setup_cfg,
}


def read(root: Path, name: str, extras: list[str]) -> Requirements:
    """Return what the file ``name`` of a source asks for, with the extras of the project. Raises SourceError."""
    file = root / name
    if not file.is_file():
        raise SourceError(f"{file} is missing; set app_requirements to the file inside the source")
    known = kind(file.name)
    if known is None:
        return requirements.read(file, root)
    if known not in _READERS:
        raise SourceError(f"{file} would have to be run to tell what it needs; name a requirements file or a lock")
    try:
        text = _READERS[known](file, extras)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SourceError(f"{file} is not read as {known}: {type(error).__name__} {error}") from error
    # Paths in it are relative to its own directory.
    return Requirements(file.parent, text)

"""Brings a source here to be read: a directory, a git repository, or a package of the index."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.release.repository import SourceError, clone, run

_GIT = re.compile(r"git\+((?:ssh|https?|file)://[^/#]*/[^@#]*)(?:@([^@#:]+))?(?:#subdirectory=(.+))?")
#: The Python of Debian 13: an index also offers what the controller's own could not run.
_PYTHON = "3.13"


@dataclass(frozen=True)
class Fetched:
    """A directory to read, and the ``app_source`` that stands for it."""

    root: Path
    source: dict[str, str]


def parse_source(text: str) -> dict[str, str]:
    """Return app_source for SOURCE: a path, `git+ssh://…@ref#subdirectory=…`, `pypi:project[extra]==5.*`."""
    if text.startswith("pypi:"):
        package = text.removeprefix("pypi:").strip()
        if not re.match(r"[A-Za-z0-9]", package):
            raise SourceError(f"{text}: give a project's name after pypi:")
        return {"package": package}
    if text.startswith("git+"):
        match = _GIT.fullmatch(text)
        if not match or (match[2] or "").startswith("-"):
            raise SourceError(f"{text}: give git+ssh://HOST/PATH@REF (or git+https, git+file)")
        keys = ("git", "version", "subdirectory")
        return {key: value for key, value in zip(keys, match.groups(), strict=True) if value}
    return {"path": text}


@contextmanager
def fetched(text: str, project: Path) -> Iterator[Fetched]:
    """Yield the source that SOURCE names, a copy that goes away afterwards but for a path. Raises SourceError."""
    source = parse_source(text)
    if "path" in source:
        root = (project / source["path"]).resolve()
        if not root.is_dir():
            raise SourceError(f"{root} is no directory; give SOURCE relative to {project}")
        yield Fetched(root, source)
        return
    scratch = Path(tempfile.mkdtemp(prefix="cloche-new-app-"))
    try:
        if "git" in source:
            clone(source["git"], source.get("version"), scratch)
            root = (scratch / source.get("subdirectory", "")).resolve()
            if not (root.is_dir() and root.is_relative_to(scratch.resolve())):
                raise SourceError(f"{source['git']} has no directory {source['subdirectory']}")
        else:
            unpack(download(source["package"], scratch), root := scratch / "package")
        yield Fetched(root, source)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def download(package: str, target: Path) -> Path:
    """Return the wheel of a package. Never a source archive: pip would run its build to learn the metadata."""
    options = ["--disable-pip-version-check", "--no-input", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    run(sys.executable, "-m", "pip", *options, "--python-version", _PYTHON, "--dest", str(target), "--", package)
    wheels = sorted(target.glob("*.whl"))
    if not wheels:
        raise SourceError(f"no wheel of {package}; unpack its source and give the directory as SOURCE")
    return wheels[0]


def unpack(wheel: Path, target: Path) -> None:
    """Unpack a wheel into a new directory."""
    target.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)

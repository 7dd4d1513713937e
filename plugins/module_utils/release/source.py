"""Where an application's source comes from, and what identifies its content."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.release.repository import SourceError, run, submodules

SKIPPED_DIRECTORIES = {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".pytest_cache", ".tox"}


@dataclass(frozen=True)
class Source:
    """A tree of files: ``root``, the ``files`` relative to it, the ``revision`` (7 hex digits) and a ``digest``.

    ``time`` is that of the commit, or of the newest file where git does not tell the whole (seconds since 1970), and
    ``dirty`` says that there are changes which are in no commit.
    """

    root: Path
    files: tuple[str, ...]
    revision: str
    digest: str
    time: int
    dirty: bool = False


def walk(root: Path) -> list[str]:
    """List the files below a directory that is not under version control."""
    found = []
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if name not in SKIPPED_DIRECTORIES]
        found += [Path(directory, name) for name in files if not name.endswith(".pyc")]
    # A dangling link, a socket or a pipe has no content.
    return sorted(path.relative_to(root).as_posix() for path in found if path.is_file())


def list_files(root: Path) -> list[str]:
    """List what belongs to the source: all that git tracks or would track, else every file."""
    # Not by git's exit code: where git refuses to read the tree (another owner, say), ignored files must not slip in.
    if not is_versioned(root):
        return walk(root)
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=root).split("\0")
    names = {name for name in listed if name}
    return sorted([name for name in names if (root / name).is_file()] + _of_submodules(root, names))


def _of_submodules(root: Path, names: set[str]) -> list[str]:
    """List what belongs to the submodules among the names that git tracks; a repository that it doesn't is none."""
    found = []
    for name in names:
        place = root / name
        if name.endswith("/") or place.is_symlink() or not place.is_dir():
            continue
        if not (place / ".git").exists():
            raise SourceError(f"{place}, a submodule, is empty: `git submodule update --init --recursive` there")
        found += [f"{name}/{inner}" for inner in list_files(place)]
    return found


def digest_of(root: Path, files: list[str]) -> str:
    """Return a SHA-256 over names, executable bits and contents."""
    digest = hashlib.sha256()
    for name in files:
        path = root / name
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{name}\0{bool(path.stat().st_mode & 0o100)}\0{content}\n".encode())
    return digest.hexdigest()


def commit_of(root: Path) -> tuple[str, int] | None:
    """Return the commit that last touched the tree and its time; None where it has changes, or git says nothing."""
    try:
        if run("git", "status", "--porcelain", "--", ".", cwd=root).strip():
            return None
        revision, time = run("git", "log", "-1", "--format=%H %ct", "--", ".", cwd=root).split()
        return revision[:7], int(time)
    except (SourceError, ValueError):
        return None


def is_versioned(root: Path) -> bool:
    """Tell whether a tree is part of a git repository."""
    return any((directory / ".git").exists() for directory in (root, *root.parents))


def read_tree(root: Path) -> Source:
    """Return the source below a directory."""
    if not root.is_dir():
        raise SourceError(f"{root} is not a directory; set app_source.path relative to the project")
    files = list_files(root)
    if not files:
        raise SourceError(f"{root} holds no files")
    digest, commit = digest_of(root, files), commit_of(root)
    if commit:
        return Source(root, tuple(files), commit[0], digest, commit[1])
    newest = max(int((root / name).stat().st_mtime) for name in files)
    return Source(root, tuple(files), digest[:7], digest, newest, dirty=is_versioned(root))


def described(root: Path, time: int, revision: str) -> str:
    """Return a version (PEP 440) of a source for its own package: after the last tag, else by its time."""
    try:
        tag, distance, commit = run("git", "describe", "--tags", "--long", cwd=root).strip().rsplit("-", 2)
    except (SourceError, ValueError):
        return f"0.0.{time}+{revision}"
    version = re.sub(r"^\D*", "", tag)
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        return f"0.0.{time}+{revision}"
    return version if distance == "0" else f"{version}.post{distance}+{commit}"


@contextmanager
def open_source(description: dict, project: Path, requirements: str) -> Iterator[Source]:
    """Yield the Source of ``app_source``: ``{path, subdirectory}``, ``{git, version, subdirectory}``, ``{package}``."""
    if description.get("path"):
        yield read_tree((project / description["path"] / (description.get("subdirectory") or "")).resolve())
        return
    scratch = Path(tempfile.mkdtemp(prefix="cloche-source-"))
    try:
        if description.get("git"):
            run("git", "clone", "--quiet", "--no-checkout", description["git"], str(scratch / "tree"))
            run("git", "checkout", "--quiet", description.get("version") or "HEAD", cwd=scratch / "tree")
            submodules(scratch / "tree")
            yield read_tree(scratch / "tree" / (description.get("subdirectory") or ""))
        else:
            (scratch / requirements).parent.mkdir(parents=True, exist_ok=True)
            (scratch / requirements).write_text(f"{description['package']}\n")
            yield read_tree(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def built(source: Source, commands: list[str]) -> Iterator[Source]:
    """Yield the source after its build commands ran in a copy of it; what they made belongs to the release."""
    if not commands:
        yield source
        return
    scratch = Path(tempfile.mkdtemp(prefix="cloche-build-"))
    try:
        for name in source.files:
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source.root / name, scratch / name)
        for command in commands:
            run("bash", "-euo", "pipefail", "-c", command, cwd=scratch)
        yield Source(scratch, tuple(walk(scratch)), source.revision, source.digest, source.time)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

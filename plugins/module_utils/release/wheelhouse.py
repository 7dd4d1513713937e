"""The wheels of one application for one kind of target, so that hosts install offline."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from ansible.module_utils.release.gathering import Gathering, Means
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.targets import Target


def lock_digest(requirements: Requirements, target: Target, means: Means) -> str:
    """Return 12 hex digits for what a wheelhouse is made from."""
    made_from = f"{requirements.text}{' '.join(requirements.further)}{requirements.source}{target}{means.digest}"
    return hashlib.sha256(made_from.encode()).hexdigest()[:12]


def wheels_of(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each wheel in a directory."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.glob("*.whl"))}


def write_lock(directory: Path, excluded: str) -> None:
    """Write ``requirements.lock``: exactly the wheels of the directory, each with its hash, but for the tool's."""
    lines = []
    for name, digest in wheels_of(directory).items():
        project, version = re.match(r"([^-]+)-([^-]+)-", name).groups()
        if project != excluded:
            lines.append(f"{project}=={version} --hash=sha256:{digest}")
    (directory / "requirements.lock").write_text("\n".join(lines) + "\n")


def _gather(
    requirements: Requirements, target: Target, directory: Path, cache: Path, means: Means, *, builds: bool
) -> list[str]:
    """Put wheels and their lock into a directory; return the names of those that would have to be built."""
    # The tool is the kit's: an application's own index need not have it.
    tool = replace(means, index=means.index.of_host())
    Gathering(target, directory, tool, cache / "by-entry").pinned([means.installer], requirements.root)
    gathering = Gathering(target, directory, means, cache / "by-entry", builds=builds)
    gathering.bring(requirements)
    if requirements.install and builds:
        gathering.project(requirements.root, requirements.install)
    write_lock(directory, means.installer.partition("==")[0])
    return gathering.unbuilt


def fetched(requirements: Requirements, target: Target, cache: Path, means: Means) -> Path | None:
    """Return a directory with those wheels that need not be built, named as that of `prepare`, which removes it.

    None where nothing is left to be built in a container, which takes long enough to do something else meanwhile, or
    where directories of the source belong to it, of which build commands may make something first. Raises
    WheelhouseError.
    """
    name = f"{target.name}-{lock_digest(requirements, target, means)}"
    if not means.packages or requirements.local or (cache / name).is_dir():
        return None
    cache.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=cache, prefix=".ahead-"))
    unbuilt = []
    try:
        (scratch / name).mkdir()
        unbuilt = _gather(requirements, target, scratch / name, cache, means, builds=False)
    finally:
        if not unbuilt:
            shutil.rmtree(scratch, ignore_errors=True)
    return scratch / name if unbuilt else None


def prepare(requirements: Requirements, target: Target, cache: Path, means: Means) -> Path:
    """Return the directory with the wheels for a target, from the cache while the requirements are the same.

    Raises WheelhouseError.
    """
    directory = cache / f"{target.name}-{lock_digest(requirements, target, means)}"
    if directory.is_dir():
        return directory
    cache.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=cache, prefix=".partial-"))
    try:
        _gather(requirements, target, scratch, cache, means, builds=True)
        os.chmod(scratch, 0o755)
        os.rename(scratch, directory)
    finally:
        for leftover in (scratch, *(found.parent for found in cache.glob(f".ahead-*/{directory.name}"))):
            shutil.rmtree(leftover, ignore_errors=True)
    return directory

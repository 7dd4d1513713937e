"""Where snapshots are kept: an image on the engine, and beside it what a scenario must know to use it.

.cache/snapshots/<digest>/private    the authority, and the secrets that the image was made with
.cache/snapshots/<digest>/image      the image's id: one of that name that another run has made is not ours
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snapshot.key import PROJECT, REPOSITORY, checkout


class Shelf:
    """The snapshots of one checkout."""

    def __init__(self, folder: Path = PROJECT / ".cache/snapshots", owner: str | None = None) -> None:
        self.folder, self.owner = folder, owner or checkout()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off others who want a snapshot; given back with this process, however that ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def name(self, digest: str) -> str:
        """Return the image's name."""
        return f"{REPOSITORY}:{self.owner}-{digest}"

    def has(self, digest: str) -> bool:
        """Return whether there is such a snapshot, whole."""
        note = self.folder / digest / "image"
        return note.is_file() and note.read_text() == image_id(self.name(digest))

    def put(self, digest: str, container: str, private: Path) -> None:
        """Make a snapshot of a container that is stopped, and of its secrets; those that there were go."""
        # One whose secrets are lost would stay without a name.
        docker("image", "rm", self.name(digest), check=False)
        docker("commit", container, self.name(digest))
        unfinished = self.folder / f"{digest}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(private, unfinished / "private")
        (unfinished / "image").write_text(image_id(self.name(digest)))
        shutil.rmtree(self.folder / digest, ignore_errors=True)
        unfinished.rename(self.folder / digest)
        self._remove_others(digest)

    def lend(self, digest: str, directory: Path) -> str:
        """Let a directory hold what the snapshot's own held, and nothing else; return the image's name."""
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(self.folder / digest / "private", directory)
        return self.name(digest)

    def _remove_others(self, digest: str) -> None:
        for folder in self.folder.iterdir():
            if folder.is_dir() and folder.name != digest:
                shutil.rmtree(folder)
        known = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", REPOSITORY).split()
        for name in known:
            if name.startswith(self.name("")) and name != self.name(digest):
                # One that a container was made of stays until the next snapshot.
                docker("image", "rm", name, check=False)


def image_id(name: str) -> str:
    """Return an image's id, empty where the engine has none of that name."""
    return docker("image", "inspect", "--format", "{{.Id}}", name, check=False).strip()


def docker(*arguments: str, check: bool = True) -> str:
    """Run a command of the engine and return what it prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout if not done.returncode else ""

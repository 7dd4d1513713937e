"""Brings one state of a git repository here, with the controller's own credentials."""

from __future__ import annotations

import subprocess
from pathlib import Path


class SourceError(Exception):
    """The source can't be read; the message names it and the remedy."""


def run(*command: str, cwd: Path | None = None) -> str:
    """Return the standard output of a command; raise SourceError with its complaint."""
    try:
        result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SourceError(f"`{command[0]}` is not installed") from error
    if result.returncode:
        raise SourceError(f"`{' '.join(command[-2:])}` failed: {(result.stderr or result.stdout).strip()[-2000:]}")
    return result.stdout


def clone(url: str, version: str | None, target: Path) -> None:
    """Bring one commit of a repository into a directory; a branch, a tag, or a commit, HEAD where none is given."""
    run("git", "init", "--quiet", str(target))
    try:
        run("git", "fetch", "--quiet", "--depth", "1", "--", url, version or "HEAD", cwd=target)
        run("git", "checkout", "--quiet", "--detach", "FETCH_HEAD", cwd=target)
    except SourceError:
        # Servers give a commit by its whole name at most, and dumb ones nothing alone.
        run("git", "fetch", "--quiet", "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*", cwd=target)
        run("git", "checkout", "--quiet", "--detach", version or "FETCH_HEAD", cwd=target)
    submodules(target)


def submodules(tree: Path) -> None:
    """Bring the submodules that a working tree names."""
    if (tree / ".gitmodules").is_file():
        run("git", "submodule", "--quiet", "update", "--init", "--recursive", cwd=tree)

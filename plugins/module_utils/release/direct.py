"""Fetches files by the URL and the hash that a lock names; a third of what pip takes for the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.progress import Progress
from ansible.module_utils.release.pylock import Artifact, Package

_THREADS = 8
_CHUNK = 1 << 20  # bytes
#: Seconds to connect, and between two pieces of an answer.
_PATIENCE = (10, 30)
#: Options of pip that change how it reaches an index: then it does so itself.
_PIPS_OWN = frozenset({"proxy", "client-cert", "trusted-host"})


def fetch(packages: list[Package], destination: Path, index: PackageIndex, progress: Progress) -> list[Package]:
    """Bring wheels into a directory, and return those that are left to pip.

    These are what has no hash, is neither on HTTPS nor on a disk, wants a password, or could not be had, for whatever
    reason: pip knows more ways, and says why there is none.
    """
    wanted = [package for package in packages if _direct(package.wheel, index)]
    if not wanted:
        return packages
    with _session(index) as session, ThreadPoolExecutor(_THREADS) as pool:
        # The large ones first, so that none is begun last.
        wanted.sort(key=lambda package: package.wheel.size, reverse=True)
        wheels = [package.wheel for package in wanted]
        done = list(pool.map(partial(_fetched, session, destination=destination, count=progress.step), wheels))
    brought = {package.name for package, came in zip(wanted, done, strict=True) if came}
    return [package for package in packages if package.name not in brought]


def archive(source: Artifact, destination: Path, index: PackageIndex) -> Path | None:
    """Bring the archive of a source into a directory; None where it is left to pip, as wheels are."""
    if not _direct(source, index):
        return None
    with _session(index) as session:
        came = _fetched(session, source, destination, lambda: None)
    return destination / source.filename if came else None


def _direct(artifact: Artifact, index: PackageIndex) -> bool:
    return bool(
        artifact.hashes and artifact.url.startswith(("https://", "file:///")) and not _PIPS_OWN & index.settings.keys()
    )


def _session(index: PackageIndex) -> Any:
    # Only here: a host that imports this package for something else need not have it.
    import requests

    session = requests.Session()
    session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=_THREADS))
    session.verify = index.settings.get("cert", True)
    return session


def _pieces(session: Any, url: str) -> Iterator[bytes]:
    """Yield the content of a URL; raises OSError, which every error of requests is."""
    if url.startswith("file:"):
        with Path(unquote(urlsplit(url).path)).open("rb") as file:
            yield from iter(partial(file.read, _CHUNK), b"")
        return
    with session.get(url, stream=True, timeout=_PATIENCE) as answer:
        answer.raise_for_status()
        yield from answer.iter_content(_CHUNK)


def _fetched(session: Any, artifact: Artifact, destination: Path, count: Callable[[], None]) -> bool:
    """Tell whether a file came, and was the right one; only then it bears its name, and is counted."""
    digest, partial_file = hashlib.sha256(), destination / f".{artifact.filename}.partial"
    try:
        with partial_file.open("wb") as file:
            for piece in _pieces(session, artifact.url):
                digest.update(piece)
                file.write(piece)
    except OSError:
        partial_file.unlink(missing_ok=True)
        return False
    if digest.hexdigest() not in artifact.hashes:
        partial_file.unlink()
        return False
    partial_file.rename(destination / artifact.filename)
    count()
    return True

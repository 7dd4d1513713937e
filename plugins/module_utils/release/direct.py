"""Fetches wheels by the URL and the hash that a lock names; a third of what pip takes for the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.progress import Progress
from ansible.module_utils.release.pylock import Package

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
    wanted = [p for p in packages if p.wheel.hashes and p.wheel.url.startswith(("https://", "file:///"))]
    if not wanted or _PIPS_OWN & index.settings.keys():
        return packages
    # Only here: a host that imports this package for something else need not have it.
    import requests

    with requests.Session() as session:
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=_THREADS))
        session.verify = index.settings.get("cert", True)
        with ThreadPoolExecutor(_THREADS) as pool:
            # The large ones first, so that none is begun last.
            wanted.sort(key=lambda package: package.wheel.size, reverse=True)
            done = list(pool.map(partial(_fetched, session, destination=destination, progress=progress), wanted))
    brought = {package.name for package, came in zip(wanted, done, strict=True) if came}
    return [package for package in packages if package.name not in brought]


def _pieces(session: Any, url: str) -> Iterator[bytes]:
    """Yield the content of a URL; raises OSError, which every error of requests is."""
    if url.startswith("file:"):
        with Path(unquote(urlsplit(url).path)).open("rb") as file:
            yield from iter(partial(file.read, _CHUNK), b"")
        return
    with session.get(url, stream=True, timeout=_PATIENCE) as answer:
        answer.raise_for_status()
        yield from answer.iter_content(_CHUNK)


def _fetched(session: Any, package: Package, destination: Path, progress: Progress) -> bool:
    """Tell whether a wheel came, and was the right one; only then it bears its name."""
    digest, partial_file = hashlib.sha256(), destination / f".{package.wheel.filename}.partial"
    try:
        with partial_file.open("wb") as file:
            for piece in _pieces(session, package.wheel.url):
                digest.update(piece)
                file.write(piece)
    except OSError:
        partial_file.unlink(missing_ok=True)
        return False
    if digest.hexdigest() not in package.wheel.hashes:
        partial_file.unlink()
        return False
    partial_file.rename(destination / package.wheel.filename)
    progress.step()
    return True

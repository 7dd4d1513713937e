"""Packages of a lock in the form of PEP 751: which file of each a target gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible.module_utils.release.markers import normalized
from ansible.module_utils.release.targets import Target, WheelhouseError


@dataclass(frozen=True)
class Artifact:
    """A file of a package: its URL, the SHA-256 that it may have (none if nobody names one), its size in bytes or 0."""

    url: str
    hashes: tuple[str, ...] = ()
    size: int = 0

    @property
    def filename(self) -> str:
        return unquote(urlsplit(self.url).path.rpartition("/")[2])

    def requirement(self, name: str) -> str:
        """Return the line by which pip fetches it and compares its hash."""
        return " ".join([f"{name} @ {self.url}", *(f"--hash=sha256:{digest}" for digest in self.hashes)])


@dataclass(frozen=True)
class Package:
    """What a target gets of a package: a ``wheel``, or a ``source`` to build one from.

    ``entry`` stands for it in a lock. ``source`` is a URL of an archive, ``git+URL@commit`` or a ``directory``.
    """

    name: str
    entry: str
    wheel: Artifact | None = None
    source: Artifact | None = None
    directory: Path | None = None


def packages(lock: dict[str, Any], base: Path, target: Target, allowed: Mapping[str, set[str]]) -> list[Package]:
    """Return the packages of a lock whose paths are relative to ``base``.

    ``allowed`` are the SHA-256 that the requirements name, by package: no other file of it is taken. Raises
    WheelhouseError for a package without a file for the target.
    """
    ranks = {tag: rank for rank, tag in enumerate(target.tags())}
    return [_package(entry, base, ranks, target, allowed) for entry in lock.get("packages", [])]


def _package(
    entry: dict[str, Any], base: Path, ranks: dict[Any, int], target: Target, allowed: Mapping[str, set[str]]
) -> Package:
    name = normalized(entry["name"])
    if "vcs" in entry:
        url = _repository(entry["vcs"])
        return Package(name, f"{name} @ {url}", source=Artifact(url))
    if "directory" in entry:
        directory = base / entry["directory"]["path"] / entry["directory"].get("subdirectory", "")
        return Package(name, f"{name} @ {directory}", directory=directory)
    known = allowed.get(name, set())
    listed = [*entry.get("wheels", []), *(entry[key] for key in ("archive", "sdist") if key in entry)]
    files = [artifact for file in listed if (artifact := _artifact(file, base, known))]
    fitting = [(rank, file) for file in files if (rank := _rank(file, ranks)) is not None]
    if fitting:
        wheel = min(fitting, key=lambda pair: pair[0])[1]
        return Package(name, _entry(entry, name, wheel), wheel=wheel)
    for source in files:
        if not source.filename.endswith(".whl"):
            return Package(name, _entry(entry, name, source), source=source)
    reason = "nor a source with a hash that the requirements name" if known else "nor a source to build one from"
    raise WheelhouseError(
        f"{name} {entry.get('version', '')} has no wheel for {target.name}, {reason}; choose a version that has"
    )


def _entry(entry: dict[str, Any], name: str, file: Artifact) -> str:
    pin = f"{name}=={entry['version']}" if "version" in entry and "archive" not in entry else f"{name} @ {file.url}"
    return " ".join([pin, *(f"--hash=sha256:{digest}" for digest in file.hashes)])


def _artifact(file: dict[str, Any], base: Path, known: set[str]) -> Artifact | None:
    """Return a file, unless its hash is none of those that are known; an index need not tell it."""
    url = file.get("url") or (base / file["path"]).resolve().as_uri()
    told = file.get("hashes", {}).get("sha256")
    if told and known and told not in known:
        return None
    hashes = (told,) if told else tuple(sorted(known))
    return Artifact(url.partition("#")[0], hashes, file.get("size", 0))


def _repository(vcs: dict[str, Any]) -> str:
    if vcs.get("type") != "git":
        raise WheelhouseError(f"{vcs.get('url')} is a repository of {vcs.get('type')}: only git is built from")
    url = f"git+{vcs['url']}@{vcs['commit-id']}"
    return f"{url}#subdirectory={vcs['subdirectory']}" if vcs.get("subdirectory") else url


def _rank(file: Artifact, ranks: dict[Any, int]) -> int | None:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        tags = parse_wheel_filename(file.filename)[3]
    except InvalidWheelFilename:
        return None
    return min((ranks[tag] for tag in tags if tag in ranks), default=None)

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
    """A file of a package: its URL, and its SHA-256 where the index tells it."""

    url: str
    sha256: str = ""

    @property
    def filename(self) -> str:
        return unquote(urlsplit(self.url).path.rpartition("/")[2])


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
    wheels = [_artifact(file, base) for file in entry.get("wheels", [])]
    archives = [_artifact(entry[key], base) for key in ("archive", "sdist") if key in entry]
    wheels += [file for file in archives if file.filename.endswith(".whl")]
    known = allowed.get(name, set())
    taken = [file for file in wheels if not (known and file.sha256) or file.sha256 in known]
    fitting = [(rank, file) for file in taken if (rank := _rank(file, ranks)) is not None]
    if fitting:
        wheel = min(fitting, key=lambda pair: pair[0])[1]
        return Package(name, _entry(entry, name, wheel), wheel=wheel)
    sources = [file for file in archives if not file.filename.endswith(".whl")]
    for source in sources:
        if not (known and source.sha256) or source.sha256 in known:
            return Package(name, _entry(entry, name, source), source=source)
    reason = "none of its files has a hash that the requirements name" if known else "nor a source to build one from"
    raise WheelhouseError(
        f"{name} {entry.get('version', '')} has no wheel for {target.name}, {reason}; choose a version that has"
    )


def _entry(entry: dict[str, Any], name: str, file: Artifact) -> str:
    pin = f"{name}=={entry['version']}" if "version" in entry and "archive" not in entry else f"{name} @ {file.url}"
    return f"{pin} --hash=sha256:{file.sha256}" if file.sha256 else pin


def _artifact(file: dict[str, Any], base: Path) -> Artifact:
    url = file.get("url") or (base / file["path"]).resolve().as_uri()
    return Artifact(url.partition("#")[0], file.get("hashes", {}).get("sha256", ""))


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

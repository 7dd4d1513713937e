"""pylock.toml, the lock of PEP 751."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.release.lockfiles.entries import chosen, entry, repository, toml


def read(file: Path, extras: list[str]) -> str:
    """Return the requirements of a lock, without groups."""
    lines = [_line(package, extras) for package in toml(file)["packages"]]
    return "".join(f"{line}\n" for line in lines)


def _line(package: dict[str, Any], extras: list[str]) -> str:
    marker = chosen(package.get("marker", ""), extras)
    if vcs := package.get("vcs"):
        address = repository(vcs["url"], vcs["commit-id"], vcs.get("subdirectory", ""))
        return entry(f"{package['name']} @ {address}", marker)
    if directory := package.get("directory"):
        return entry(f"{package['name']} @ ./{directory['path'].removeprefix('./')}", marker)
    if archive := package.get("archive"):
        return entry(f"{package['name']} @ {archive['url']}", marker, _hashes(archive))
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    return entry(f"{package['name']}=={package['version']}", marker, [d for each in files for d in _hashes(each)])


def _hashes(file: dict[str, Any]) -> list[str]:
    return [f"{name}:{digest}" for name, digest in file["hashes"].items() if name == "sha256"]

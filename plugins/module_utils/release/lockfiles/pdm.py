"""pdm.lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.release.dependency_graph import conditions
from ansible.module_utils.release.lockfiles.entries import entry, repository, toml
from ansible.module_utils.release.lockfiles.metadata import project_dependencies
from ansible.module_utils.release.markers import name_of, normalized


def read(file: Path, extras: list[str]) -> str:
    """Return the requirements of a lock, with the groups of the project's extras but not those of developers."""
    lock = toml(file)
    packages = lock.get("package", [])
    if all("groups" in package for package in packages):
        wanted = {"default", *extras}
        held = [(p, p.get("marker", "")) for p in packages if wanted & set(p["groups"])]
    else:
        held = _reached(packages, file.parent / "pyproject.toml", extras)
    # The same once more for each set of its extras.
    by_name = {normalized(package["name"]): (package, marker) for package, marker in held}
    return "".join(f"{_line(package, marker, lock)}\n" for package, marker in by_name.values())


def _reached(packages: list[dict[str, Any]], pyproject: Path, extras: list[str]) -> list[tuple[dict[str, Any], str]]:
    needs: dict[str, list[tuple[str, str]]] = {}
    for package in packages:
        edges = [_edge(requirement) for requirement in package.get("dependencies", [])]
        needs.setdefault(normalized(package["name"]), []).extend(edges)
    roots = [_edge(requirement) for requirement in project_dependencies(pyproject, extras)]
    markers = conditions(roots, needs)
    return [(p, markers[normalized(p["name"])]) for p in packages if normalized(p["name"]) in markers]


def _edge(requirement: str) -> tuple[str, str]:
    return name_of(requirement), requirement.partition(";")[2].strip()


def _line(package: dict[str, Any], marker: str, lock: dict[str, Any]) -> str:
    name = package["name"]
    if "git" in package:
        address = repository(package["git"], package["revision"], package.get("subdirectory", ""))
        return entry(f"{name} @ {address}", marker)
    if "path" in package:
        return entry(f"{name} @ {package['path']}", marker)
    older = lock.get("metadata", {}).get("files", {}).get(f"{name} {package['version']}", [])
    hashes = [file["hash"] for file in package.get("files", older)]
    pin = f"{name} @ {package['url']}" if "url" in package else f"{name}=={package['version']}"
    return entry(pin, marker, hashes)

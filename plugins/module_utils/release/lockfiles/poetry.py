"""poetry.lock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.release.constraints import python_marker, specifier
from ansible.module_utils.release.dependency_graph import conditions
from ansible.module_utils.release.lockfiles.entries import chosen, entry, repository, toml
from ansible.module_utils.release.lockfiles.metadata import project_dependencies
from ansible.module_utils.release.markers import name_of, normalized

#: A package, of which a lock may have several versions for several markers: its name and version.
_Node = tuple[str, str]


def read(file: Path, extras: list[str]) -> str:
    """Return the requirements of the group `main` of a lock, with those of the project's extras."""
    lock = toml(file)
    packages = lock.get("package", [])
    if all("groups" in package for package in packages):
        held = [(p, _marker(p, extras)) for p in packages if "main" in p["groups"]]
    else:
        held = _reached(packages, file.parent / "pyproject.toml", extras)
    return "".join(f"{_line(package, marker, lock)}\n" for package, marker in held)


def _marker(package: dict[str, Any], extras: list[str]) -> str:
    markers = package.get("markers", "")
    return chosen(markers if isinstance(markers, str) else markers.get("main", ""), extras)


def _node(package: dict[str, Any]) -> _Node:
    return normalized(package["name"]), package["version"]


def _reached(packages: list[dict[str, Any]], pyproject: Path, extras: list[str]) -> list[tuple[dict[str, Any], str]]:
    """Return the packages that the project's dependencies lead to; locks before 2.1 don't tell of groups."""
    versions: dict[str, list[str]] = {}
    for name, version in map(_node, packages):
        versions.setdefault(name, []).append(version)
    needs = {
        _node(package): [
            edge for name, wanted in package.get("dependencies", {}).items() for edge in _edges(name, wanted, versions)
        ]
        for package in packages
    }
    roots: list[tuple[_Node, str]] = []
    for requirement in project_dependencies(pyproject, extras):
        marker = requirement.partition(";")[2].strip()
        roots += [((name_of(requirement), version), marker) for version in versions.get(name_of(requirement), [])]
    markers = conditions(roots, needs)
    return [(package, markers[_node(package)]) for package in packages if _node(package) in markers]


def _edges(name: str, wanted: Any, versions: dict[str, list[str]]) -> list[tuple[_Node, str]]:
    """Return what a line of a package's dependencies leads to: a constraint, a table, or a list of tables."""
    from packaging.specifiers import SpecifierSet

    edges = []
    for table in wanted if isinstance(wanted, list) else [wanted]:
        described = table if isinstance(table, dict) else {"version": table}
        if described.get("optional"):
            continue
        allowed = SpecifierSet(specifier(described.get("version", "*")))
        found = versions.get(normalized(name), [])
        fitting = [version for version in found if allowed.contains(version, prereleases=True)] or found
        marker = described.get("markers", "")
        if python := python_marker(described.get("python", "*")):
            marker = f"({marker}) and ({python})" if marker else python
        edges += [((normalized(name), version), marker) for version in fitting]
    return edges


def _line(package: dict[str, Any], marker: str, lock: dict[str, Any]) -> str:
    name, source = package["name"], package.get("source", {})
    if source.get("type") == "git":
        address = repository(source["url"], source["resolved_reference"], source.get("subdirectory", ""))
        return entry(f"{name} @ {address}", marker)
    if source.get("type") == "directory":
        return entry(f"{name} @ ./{source['url'].removeprefix('./')}", marker)
    older = lock.get("metadata", {}).get("files", {}).get(name, [])
    hashes = [file["hash"] for file in package.get("files") or older]
    pin = f"{name} @ {source['url']}" if source.get("type") == "url" else f"{name}=={package['version']}"
    return entry(pin, marker, hashes)

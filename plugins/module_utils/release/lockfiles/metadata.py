"""What a project's own metadata asks for, which leaves versions open."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

from ansible.module_utils.release.constraints import python_marker, specifier
from ansible.module_utils.release.lockfiles.entries import toml
from ansible.module_utils.release.markers import lines_of, name_of, normalized
from ansible.module_utils.release.repository import SourceError


def read_pyproject(file: Path, extras: list[str]) -> str:
    """Return the requirements in a pyproject.toml: of a project's table, or of poetry's."""
    return "".join(f"{requirement}\n" for requirement in project_dependencies(file, extras))


def read_setup_cfg(file: Path, extras: list[str]) -> str:
    """Return the requirements in a setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(file.read_text(encoding="utf-8"))
    texts = [parser.get("options", "install_requires", fallback="")]
    texts += [parser.get("options.extras_require", extra, fallback="") for extra in extras]
    if texts[0].strip().startswith("file:"):
        texts[0] = "\n".join(_files(file.parent, texts[0].strip().removeprefix("file:").split(",")))
    return "".join(f"{line}\n" for text in texts for line in lines_of(text))


def project_dependencies(file: Path, extras: list[str]) -> list[str]:
    """Return the requirements of a pyproject.toml; empty where there is no such file. Raises SourceError."""
    content = toml(file) if file.is_file() else {}
    project, tools = content.get("project", {}), content.get("tool", {})
    poetry = tools.get("poetry", {})
    listed = list(project.get("dependencies", []))
    if "dependencies" in project.get("dynamic", []):
        listed += _dynamic(file, tools.get("setuptools", {}).get("dynamic", {}), poetry)
    optional = {normalized(name): list(entries) for name, entries in project.get("optional-dependencies", {}).items()}
    if not project.get("dependencies"):
        listed += [r for name, wanted in poetry.get("dependencies", {}).items() for r in _poetry(name, wanted)]
        named = {normalized(name): wanted for name, wanted in poetry.get("dependencies", {}).items()}
        for extra, names in poetry.get("extras", {}).items():
            members = [normalized(name) for name in names]
            optional[normalized(extra)] = [r for m in members for r in _poetry(m, named[m], optional=True)]
    for extra in map(normalized, extras):
        if extra not in optional:
            raise SourceError(f"{file} has no extra {extra}; app_extras may name {', '.join(optional) or 'none'}")
        listed += optional[extra]
    sources = {normalized(name): source for name, source in tools.get("uv", {}).get("sources", {}).items()}
    return [_placed(requirement, sources.get(name_of(requirement))) for requirement in listed]


def _dynamic(file: Path, setuptools: dict[str, Any], poetry: dict[str, Any]) -> list[str]:
    named = setuptools.get("dependencies", {}).get("file", [])
    if not named and not poetry.get("dependencies"):
        raise SourceError(
            f"{file} leaves its dependencies to a build that would have to be run: set app_requirements to a "
            "requirements file or a lock"
        )
    return [
        line for text in _files(file.parent, [named] if isinstance(named, str) else named) for line in lines_of(text)
    ]


def _files(directory: Path, names: list[str]) -> list[str]:
    return [(directory / name.strip()).read_text(encoding="utf-8") for name in names]


def _poetry(name: str, wanted: Any, *, optional: bool = False) -> list[str]:
    """Return a line of poetry's dependencies as requirements."""
    lines = []
    for table in wanted if isinstance(wanted, list) else [wanted]:
        described = table if isinstance(table, dict) else {"version": table}
        if name == "python" or bool(described.get("optional")) != optional:
            continue
        marker = described.get("markers", "")
        if python := python_marker(described.get("python", "*")):
            marker = f"({marker}) and ({python})" if marker else python
        extras = f"[{','.join(described['extras'])}]" if described.get("extras") else ""
        place = {"rev": described.get("rev") or described.get("tag") or described.get("branch")} | described
        wanted_here = _placed(f"{name}{extras}", place if {"git", "path", "url"} & described.keys() else None)
        version = "" if " @ " in wanted_here else specifier(described.get("version", "*"))
        lines.append(f"{wanted_here}{version}" + (f" ; {marker}" if marker else ""))
    return lines


def _placed(requirement: str, source: Any) -> str:
    """Return a requirement that comes from the place which its project names instead of from an index."""
    if not isinstance(source, dict) or not {"git", "path", "url"} & source.keys():
        return requirement
    wanted, _, marker = requirement.partition(";")
    name = wanted.strip().partition("]")[0] + "]" if "[" in wanted else name_of(wanted)
    reference = source.get("rev") or source.get("tag") or source.get("branch")
    if "git" in source:
        place = f"git+{source['git']}" + (f"@{reference}" if reference else "")
        place += f"#subdirectory={source['subdirectory']}" if source.get("subdirectory") else ""
    else:
        place = source.get("url") or f"./{source['path'].removeprefix('./')}"
    return f"{name} @ {place}" + (f" ; {marker.strip()}" if marker else "")

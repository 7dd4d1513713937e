"""What an application depends on, and the requirements file that a release can be built from."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from ansible.module_utils.release import lockfiles
from ansible.module_utils.release.lockfiles.metadata import dependency_groups
from ansible.module_utils.release.markers import normalized
from ansible.module_utils.release.repository import SourceError

from .tree import Tree, aside

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_INCLUDE = re.compile(r"(?:-r|--requirement)[\s=]*(\S+)")
_DIRECTORY = r"requirements?(?:/|[-_.])"
#: From the file that says most of production to the one that says least.
_FILES = [
    re.compile(rf"{_DIRECTORY}(?:production|prod|deploy|live)\.txt"),
    re.compile(r"requirements?\.txt"),
    re.compile(r"requirements/requirements\.txt"),
    re.compile(rf"{_DIRECTORY}(?:base|common|main|default|app|core|server|pip|all)\.txt"),
]
#: Somewhere below, and by no name that says what else it is for.
_ELSEWHERE = re.compile(r"(?:[\w.-]+/)*(?!dev|test|doc|lint|ci|local)(?:[a-z]+[-_.])?requirements\.txt")
#: What a release is built from without a requirements file, with the reason: locks first.
_LOCKS = {
    "uv.lock": "the lock, of which uv takes what production needs",
    "pylock.toml": "the lock",
    "poetry.lock": "the lock; of it the group main",
    "pdm.lock": "the lock; of it the default group",
    "Pipfile.lock": "the lock; of it the default group",
}
_METADATA = ("pyproject.toml", "setup.cfg")
#: Dependency groups that nobody needs where the application runs.
_DEVELOPERS = re.compile(r"dev|test|lint|doc|typ|check|format|debug|release|ci", re.IGNORECASE)


def requirements_file(tree: Tree) -> str | None:
    """Return the requirements file to release from, relative to the source; None where there is none."""
    for pattern in _FILES:
        for name in tree.files:
            if pattern.fullmatch(name):
                return name
    return None


def elsewhere(tree: Tree) -> str | None:
    """Return the requirements file of a source that has none in the usual places: the one that asks for most."""
    found = [name for name in tree.files if _ELSEWHERE.fullmatch(name) and not aside(name)]
    return max(found, key=lambda name: len(tree.text(name).splitlines()), default=None)


def lock_file(tree: Tree) -> tuple[str, str] | None:
    """Return the lock or the metadata to release from where there is no requirements file, and why; else None."""
    for name, reason in _LOCKS.items():
        if name in tree:
            return name, reason
    for name in _METADATA:
        if name in tree and _listed(tree, name, groups(tree)):
            return name, "it lists the dependencies; their versions are chosen when a release is built"
    return None


def groups(tree: Tree) -> list[str]:
    """Return the dependency groups that stand for the dependencies which a pyproject.toml does not list."""
    content = _toml(tree.text("pyproject.toml"))
    if content.get("project", {}).get("dependencies") or content.get("tool", {}).get("poetry", {}).get("dependencies"):
        return []
    return [name for name in content.get("dependency-groups", {}) if not _DEVELOPERS.match(name)]


def own_package(tree: Tree, texts: Iterable[str]) -> str | None:
    """Return why the project's own package has to be installed, out of its metadata and the texts of its modules."""
    content = _toml(tree.text("pyproject.toml"))
    project, poetry = content.get("project", {}), content.get("tool", {}).get("poetry", {})
    if project.get("entry-points") or poetry.get("plugins"):
        return "pyproject.toml declares entry points, which are found in an installed package"
    name = project.get("name") or poetry.get("name")
    asked = re.compile(rf"(?:version|metadata|distribution)\(\s*['\"]{re.escape(name)}['\"]") if name else None
    if asked and any("metadata" in text and asked.search(text) for text in texts):
        return f"its code asks for the metadata of the installed package {name}"
    return None


def _listed(tree: Tree, name: str, extras: list[str]) -> bool:
    try:
        return bool(lockfiles.read(tree.root, name, extras).text.strip())
    except (SourceError, OSError):
        return False


def dependencies(tree: Tree, extras: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the names of what is installed, as `django-redis`, each with the file that says so.

    An extra stands as `celery[redis]`. ``extras`` are those asked of a package that was built (METADATA).
    """
    found: dict[str, str] = {}
    files = tree.find("requirements*.txt", "requirements/*.txt", "*/requirements/*.txt")
    chosen = requirements_file(tree) or (None if lock_file(tree) else elsewhere(tree))
    for name in [chosen] if chosen else files[:1]:
        _read_requirements(tree, name, found, set())
    for file, read in (("pyproject.toml", _pyproject), ("setup.cfg", _setup_cfg), ("Pipfile.lock", _pipfile)):
        for requirement in read(tree.text(file)) if file in tree else ():
            _add(found, requirement, file)
    for name in groups(tree):
        for requirement in dependency_groups(tree.root / "pyproject.toml")[name]:
            _add(found, requirement, "pyproject.toml")
    for name in tree.find("*.dist-info/METADATA"):
        for requirement in _metadata(tree.text(name), extras):
            _add(found, requirement, name)
    for lock in ("uv.lock", "poetry.lock", "pdm.lock"):
        if lock in tree:
            _follow(found, _toml(tree.text(lock)), lock)
    return found


def extras(requirement: str) -> list[str]:
    """Return the extras of a requirement, as `someproject[all]==5.*` asks for `all`."""
    match = _NAME.match(requirement)
    return [normalized(name.strip()) for name in ((match and match[2]) or "").split(",") if name.strip()]


def _add(found: dict[str, str], requirement: str, file: str) -> None:
    if match := _NAME.match(requirement):
        name = normalized(match[1])
        found.setdefault(name, file)
        for extra in (match[2] or "").split(","):
            if extra.strip():
                found.setdefault(f"{name}[{extra.strip().lower()}]", file)


def _read_requirements(tree: Tree, name: str, found: dict[str, str], seen: set[str]) -> None:
    if name in seen:
        return
    seen.add(name)
    # A long line, as one with hashes, goes on after a backslash.
    for line in tree.text(name).replace("\\\n", " ").splitlines():
        line = line.strip()
        if include := _INCLUDE.match(line):
            target = str(PurePosixPath(name).parent / include[1])
            _read_requirements(tree, target if target in tree else _plain_path(target), found, seen)
        elif egg := re.search(r"#egg=([\w.-]+)", line):
            _add(found, egg[1], name)
        elif line and not line.startswith(("#", "-", ".", "/", "git+", "http")):
            _add(found, line, name)


def _plain_path(path: str) -> str:
    """Resolve the `..` of a path in the source."""
    parts: list[str] = []
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _pyproject(text: str) -> list[str]:
    content = _toml(text)
    listed = [entry for entry in content.get("project", {}).get("dependencies", []) if isinstance(entry, str)]
    poetry = content.get("tool", {}).get("poetry", {}).get("dependencies", {})
    for name, wanted in poetry.items():
        extras = wanted.get("extras", []) if isinstance(wanted, dict) else []
        if name != "python":
            listed.append(f"{name}[{','.join(extras)}]" if extras else name)
    return listed


def _setup_cfg(text: str) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    return parser.get("options", "install_requires", fallback="").splitlines()


def _pipfile(text: str) -> list[str]:
    try:
        locked = json.loads(text).get("default", {})
    except (ValueError, AttributeError):
        return []
    return [f"{name}[{','.join((entry or {}).get('extras', []))}]" for name, entry in locked.items()]


def _metadata(text: str, extras: frozenset[str]) -> list[str]:
    """Return Requires-Dist of a built package, but for those of extras that nobody asked for."""
    wanted = []
    listed = re.findall(r"^Requires-Dist:\s*(.+)$", text, re.MULTILINE)
    extras = _reached_extras(text, listed, extras)
    for requirement in listed:
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement)
        if not extra or normalized(extra[1]) in extras:
            wanted.append(requirement)
    return wanted


def _follow(found: dict[str, str], lock: dict[str, Any], file: str) -> None:
    """Add what the lock says that dependencies need in turn."""
    needs: dict[str, list[str]] = {}
    for package in lock.get("package", []):
        # A table of names in poetry's, of entries with a name in uv's, of requirements in pdm's.
        listed = [
            entry.get("name", "") if isinstance(entry, dict) else entry for entry in package.get("dependencies", [])
        ]
        needs.setdefault(normalized(package.get("name", "")), []).extend(listed)
    pending = [name for name in found if "[" not in name]
    while pending:
        for requirement in needs.pop(pending.pop(), []):
            _add(found, requirement, file)
            if match := _NAME.match(requirement):
                pending.append(normalized(match[1]))


def _reached_extras(text: str, listed: list[str], asked: frozenset[str]) -> frozenset[str]:
    """Return extras and those that they stand for, as `all` does in `shop[mail,pdf]; extra == "all"`."""
    own = re.search(r"^Name:\s*(\S+)", text, re.MULTILINE)
    reached, before = asked, None
    while own and reached != before:
        before = reached
        for requirement in listed:
            extra, match = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement), _NAME.match(requirement)
            if extra and normalized(extra[1]) in reached and normalized(match[1]) == normalized(own[1]):
                reached |= frozenset(extras(requirement))
    return reached

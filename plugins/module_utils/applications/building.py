"""What must hold between the keys that say what a release is built from."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.release.requirement_kinds import WITH_EXTRAS, kind

from .problems import Problem, problem

_DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]+")
_VERSION = r"[<>=!~]=?=?[A-Za-z0-9.*+!-]+"
_FURTHER = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]+\])?({_VERSION}(,{_VERSION})*)?")


def building_rules(app: dict[str, Any]) -> list[Problem]:
    """Return the contradictions in a complete definition's source, requirements and package index."""
    return [*_source(app["source"]), *_requirements(app), *_index(app["package_index"]), *_python(app["python"])]


def _python(python: str) -> list[Problem]:
    if re.fullmatch(r"python[\d.]*|/[\w./+-]+", python):
        return []
    return [
        problem("app_python", python, "give a command such as python3.12, or the path of an interpreter on the hosts")
    ]


def _source(source: dict[str, Any]) -> list[Problem]:
    found = []
    url, inner = source.get("git") or "", source.get("subdirectory") or ""
    if inner and source.get("package"):
        found.append(problem("app_source.subdirectory", inner, "only goes with path and git"))
    if PurePosixPath(inner).is_absolute() or ".." in PurePosixPath(inner).parts:
        found.append(problem("app_source.subdirectory", inner, "name a directory inside the source"))
    if _password(url):
        remedy = "holds a password; leave it out: git uses the controller's own ssh agent or credential helper"
        found.append({"variable": "app_source.git", "value": _without_login(url), "remedy": remedy})
    return found


def _requirements(app: dict[str, Any]) -> list[Problem]:
    name = app["requirements"]
    known = kind(PurePosixPath(name).name)
    found = []
    if known == "setup.py":
        remedy = "would have to be run to tell what it needs; name a requirements file or a lock"
        found.append(problem("app_requirements", name, remedy))
    elif known and app["source"].get("package"):
        found.append(problem("app_requirements", name, "remove it: a package brings its own requirements"))
    if app["install"] and app["source"].get("package"):
        found.append(problem("app_install", app["install"], "remove it: a package is installed anyway"))
    if app["extras"] and known not in WITH_EXTRAS:
        remedy = f"{name} has no extras to choose from; it goes with {', '.join(sorted(WITH_EXTRAS))}"
        found.append(problem("app_extras", app["extras"], remedy))
    for wanted in app["further_requirements"]:
        if not _FURTHER.fullmatch(wanted):
            remedy = "give a project's name, perhaps with extras and versions, such as gunicorn>=23"
            found.append(problem("app_further_requirements", wanted, remedy))
    for package in app["build_packages"]:
        if not _DEBIAN_PACKAGE.fullmatch(package):
            found.append(problem("app_build_packages", package, "no name of a Debian package"))
    return found


def _index(index: dict[str, Any] | None) -> list[Problem]:
    if not index:
        return []
    url, found = index["url"], []
    if urlsplit(url).scheme not in ("http", "https", "file"):
        found.append(problem("app_package_index.url", url, "give a URL that begins with https://"))
    if "@" in urlsplit(url).netloc:
        remedy = "holds a login; give it as app_package_index.username and .password, the latter from the vault"
        found.append({"variable": "app_package_index.url", "value": _without_login(url), "remedy": remedy})
    if index.get("password") is not None and not index.get("username"):
        remedy = "add it; for a token alone what the index says, often __token__"
        found.append(problem("app_package_index.username", None, remedy))
    return found


def _password(url: str) -> bool:
    return "://" in url and bool(urlsplit(url).password)


def _without_login(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//(hidden)@", url)

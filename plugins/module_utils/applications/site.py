"""What an application's site may consist of: static files and further locations; its certificate's rules are called."""

from __future__ import annotations

import re
from typing import Any

from .certificates import certificate_problems, given_certificate
from .gunicorn import is_sync
from .problems import Problem, problem

BODY_LIMIT = re.compile(r"\d+[kmg]?", re.IGNORECASE)
_RELATIVE = re.compile(r"[\w.~@+-]+(/[\w.~@+-]+)*", re.ASCII)
_PATH = re.compile(r"(/[\w.~@+-]+)+/?", re.ASCII)
_EXPIRES = re.compile(r"off|max|epoch|-?(\d+(ms|[smhdwMy]))+|-?\d+")
_OF_PROXY = ("body_limit", "timeout", "buffering")
_OF_FILES = ("internal", "expires")


def site_problems(app: dict[str, Any]) -> list[Problem]:
    """Return the contradictions in what a complete definition says of its site."""
    useless = {
        "app_locations": [entry["path"] for entry in app["locations"]],
        "app_certificate": given_certificate(app),
    }
    if not (app["domains"] or app["wsgi"] or app["asgi"]):
        remedy = "there is no site: name its domains in app_domains, or remove this"
        return [problem(key, value, remedy) for key, value in useless.items() if value]
    found = [*_static(app), *certificate_problems(app), *_taken(app), *_health(app)]
    return found + [entry for location in app["locations"] for entry in _location(app, location)]


def _static(app: dict[str, Any]) -> list[Problem]:
    url = app["web"]["static_url"]
    if url.endswith("/") and _PATH.fullmatch(url):
        return []
    remedy = "a path that begins and ends with a slash, such as /static/; omit app_static_root for files elsewhere"
    return [problem("app_web.static_url", url, remedy)]


def _taken(app: dict[str, Any]) -> list[Problem]:
    """Return the paths that belong to something else on the site."""
    taken = {"/_unavailable.html": "the kit's own page"}
    if app["static_root"]:
        taken[app["web"]["static_url"].rstrip("/")] = "the place of the static files (app_web.static_url)"
    if app["flower"] is not None:
        taken["/flower"] = "Flower's place"
    found = []
    for location in app["locations"]:
        bare = location["path"].rstrip("/")
        if bare in taken:
            found.append(problem(_at(location, "path"), location["path"], f"{taken[bare]}; choose another"))
        taken.setdefault(bare, "in app_locations twice")
    return found


def _health(app: dict[str, Any]) -> list[Problem]:
    """A health path that nginx answers itself tells nothing of the application."""
    own = [location["path"] for location in app["locations"] if location["files"]]
    own += [app["web"]["static_url"]] if app["static_root"] and not _static(app) else []
    path = app["health_path"]
    remedy = "nginx serves files there: choose a path that the application answers"
    return [problem("app_health_path", path, remedy) for start in own if path.startswith(start.rstrip("/") + "/")]


def _location(app: dict[str, Any], location: dict[str, Any]) -> list[Problem]:
    path = location["path"]
    if path == "/":
        return [problem(_at(location, "path"), path, "the whole site: set app_web.body_limit or app_web.timeout")]
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        return [problem(_at(location, "path"), path, "must begin with /; a-z, A-Z, 0-9, _ . ~ @ + - between slashes")]
    return _files(location) if location["files"] else _proxied(app, location)


def _files(location: dict[str, Any]) -> list[Problem]:
    remedy = "only for requests that go to the application: remove it or files"
    found = [problem(_at(location, k), location[k], remedy) for k in _OF_PROXY if location[k] is not None]
    files, expires = location["files"], location["expires"]
    if not _RELATIVE.fullmatch(files) or {".", ".."} & set(files.split("/")):
        remedy = "must be a directory below the application's shared one, such as media; no .., no slash at the ends"
        found.append(problem(_at(location, "files"), files, remedy))
    if expires is not None and not _EXPIRES.fullmatch(expires):
        remedy = "give a time as nginx writes it, such as 30d or 12h, or off, max, epoch, -1"
        found.append(problem(_at(location, "expires"), expires, remedy))
    return found


def _proxied(app: dict[str, Any], location: dict[str, Any]) -> list[Problem]:
    remedy = "only for files: name their directory in files, or remove it"
    useless = {key: location[key] for key in _OF_FILES if location[key]}
    found = [problem(_at(location, key), value, remedy) for key, value in useless.items()]
    if not useless and all(location[key] is None for key in _OF_PROXY):
        remedy = "changes nothing: give body_limit, timeout, buffering or files, or remove it"
        return [problem(f"app_locations[{location['path']}]", location["path"], remedy)]
    if location["body_limit"] is not None and not BODY_LIMIT.fullmatch(location["body_limit"]):
        remedy = "give digits and k, m or g, such as 100m"
        found.append(problem(_at(location, "body_limit"), location["body_limit"], remedy))
    return found + _timeout(app, location)


def _timeout(app: dict[str, Any], location: dict[str, Any]) -> list[Problem]:
    seconds, limit = location["timeout"], app["web"]["timeout"]
    if seconds is None:
        return []
    if seconds <= limit:
        remedy = f"raise it above app_web.timeout ({limit} s): nginx would answer 504 for what gunicorn still serves"
        return [problem(_at(location, "timeout"), seconds, remedy)]
    if is_sync(app):
        remedy = f"a sync worker is killed after app_web.timeout ({limit} s): raise that, or take another worker_class"
        return [problem(_at(location, "timeout"), seconds, remedy)]
    return []


def _at(location: dict[str, Any], key: str) -> str:
    return f"app_locations[{location['path']}].{key}"

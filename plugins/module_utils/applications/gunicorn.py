"""Which worker class gunicorn can run an application with."""

from __future__ import annotations

import re
from typing import Any

from .problems import Problem, problem

_OWN = "gunicorn.workers."
_CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
#: gunicorn's short names, of all its versions.
_SHORT = ("sync", "gthread", "gevent", "gevent_wsgi", "gevent_pywsgi", "eventlet", "tornado", "asgi")
#: First part of a class outside gunicorn that serves ASGI -> package.
_ASGI = {"uvicorn_worker": "uvicorn-worker", "uvicorn": "uvicorn"}
#: They patch the standard library in each worker, after gunicorn has forked it.
_PATCHING = ("gevent", "eventlet")


def worker_class_problems(app: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with `app_web.worker_class`, and what contradicts it."""
    web = app["web"]
    name = web["worker_class"]
    if name is None:
        return []
    if name not in _SHORT and not _CLASS.fullmatch(name):
        remedy = f"no worker class: give one of gunicorn's ({', '.join(_SHORT)}) or module.Class of a package"
        return [problem("app_web.worker_class", name, f"{remedy} in the requirements, or omit it")]
    kind = _kind(name)
    found = []
    if app["asgi"] and kind in _SHORT and kind != "asgi":
        remedy = f"serves WSGI, not app_asgi: remove it for uvicorn_worker.UvicornWorker{_needs('uvicorn-worker')}"
        found.append(problem("app_web.worker_class", name, f"{remedy}, or name another class for ASGI"))
    if app["wsgi"] and (kind == "asgi" or kind in _ASGI):
        remedy = f"serves ASGI: give app_asgi instead of app_wsgi{_needs(_ASGI.get(kind))}, or a class for WSGI"
        found.append(problem("app_web.worker_class", name, remedy))
    if web["threads"] > 1 and kind not in ("sync", "gthread", None):
        remedy = f"workers of {name} have no threads: remove it, or set worker_class to gthread"
        found.append(problem("app_web.threads", web["threads"], remedy))
    if web["preload"] and kind in _PATCHING:
        remedy = f"{kind} patches the standard library in each worker, too late for what is loaded before: remove it"
        found.append(problem("app_web.preload", True, remedy))
    return found


def preloads(app: dict[str, Any]) -> bool:
    """Tell whether the application is loaded once for all workers, by what is said or by the class."""
    web = app["web"]
    return _kind(web["worker_class"] or "sync") not in _PATCHING if web["preload"] is None else web["preload"]


def is_sync(app: dict[str, Any]) -> bool:
    """Tell whether a worker answers one request at a time, so that gunicorn kills it after `app_web.timeout`."""
    web = app["web"]
    # With threads, gunicorn makes gthread of sync.
    return not app["asgi"] and _kind(web["worker_class"] or "sync") == "sync" and web["threads"] == 1


def _kind(name: str) -> str | None:
    """Return gunicorn's short name for a class, or what a class for ASGI begins with; None for any other."""
    module = name.removeprefix(_OWN).partition(".")[0]
    if module in _ASGI:
        return module
    if "." in name and not name.startswith(_OWN):
        return None
    # The modules are named ggevent, gtornado, ...; of gevent there are several classes.
    short = module if module in _SHORT else module.removeprefix("g")
    return "gevent" if short.startswith("gevent_") else short if short in _SHORT else None


def _needs(package: str | None) -> str:
    return f" (with the package {package} in the requirements)" if package else ""

"""Web processes: what can still undo the kit's own configuration of gunicorn."""

from __future__ import annotations

from ansible.module_utils.applications.gunicorn import preloads

from .case import Case, listed
from .rule import ADVISES, GUNICORN, LOSES, RISKS, rule

#: Seconds after which balancers and services in front of web servers give up, unless told otherwise.
_PATIENCE = 60


@rule(
    "GUNICORN_CMD_ARGS",
    RISKS,
    lost="requests: an option here may undo those that keep them while a release hands over",
    when="gunicorn starts: the variable outranks the kit's configuration",
    instead="no such variable; workers, timeouts and threads are app_web's",
    source=f"{GUNICORN}configure.html",
)
def arguments(case: Case) -> tuple[str, str] | None:
    given = case.environment["gunicorn"]
    if not case.serves or not given:
        return None
    web = case.app["web"]
    snippet = f"app_web: {{workers: {web['workers']}, timeout: {web['timeout']}}}  # and no GUNICORN_CMD_ARGS"
    return f"sets {listed(given)}", case.definition_snippet(snippet)


@rule(
    "gunicorn.conf.py",
    ADVISES,
    lost="nothing, but what stands there has no effect: timeouts, hooks that reconnect or trace",
    when="always: gunicorn is started with the kit's configuration alone",
    instead="app_web for workers and timeouts; for hooks, code of the application itself",
    source=f"{GUNICORN}settings.html#config",
)
def project_file(case: Case) -> tuple[str, str] | None:
    files = case.environment["gunicorn_files"]
    if not case.serves or not files:
        return None
    web = case.app["web"]
    values = ", ".join(f"{key}: {web[key]}" for key in ("workers", "threads", "timeout", "graceful_timeout"))
    return f"{listed(files)}, which is not read", case.definition_snippet(f"app_web: {{{values}}}")


@rule(
    "app_web.preload",
    LOSES,
    lost="answers: processes that share one connection read each other's, and show them to the wrong visitor",
    when="the application opens a database connection while it is loaded, and workers are made as copies of it",
    instead="no query at import; until then false",
    source=f"{GUNICORN}settings.html#preload-app",
)
def open_connections(case: Case) -> tuple[str, str] | None:
    connections = case.web.get("connections")
    if not preloads(case.app) or not connections:
        return None
    value = f"true, and loading it opens the database {listed(connections)}"
    return value, case.definition_snippet("app_web: {preload: false}")


@rule(
    "app_web.preload.threads",
    RISKS,
    lost="what such a thread does: reports, metrics, messages that it was to send",
    when="always: workers are made as copies of the loaded application, and copies have no threads",
    instead="the thread begun with the first request; until then false",
    source=f"{GUNICORN}settings.html#preload-app",
)
def threads(case: Case) -> tuple[str, str] | None:
    running = case.web.get("threads")
    if not preloads(case.app) or not running:
        return None
    return f"true, and loading it starts {listed(running)}", case.definition_snippet("app_web: {preload: false}")


@rule(
    "app_web.timeout",
    ADVISES,
    lost="the answer to a long request: the client is told 504 and asks again, while the first one is still worked on",
    when="a balancer or another service in front of nginx gives up first; 60 s is what most of them wait",
    instead="60 or less, long work in tasks; else raise the limit of what is in front as well",
    source=f"{GUNICORN}settings.html#timeout",
)
def timeout(case: Case) -> tuple[str, str] | None:
    seconds = case.app["web"]["timeout"]
    if not case.serves or seconds <= _PATIENCE:
        return None
    return f"{seconds} s", case.definition_snippet(f"app_web: {{timeout: {_PATIENCE}}}")


RULES = (arguments, project_file, open_connections, threads, timeout)

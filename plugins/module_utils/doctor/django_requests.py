"""Requests to a Django project: what refuses them, and what they wait for."""

from __future__ import annotations

from .case import Case, listed
from .rule import ADVISES, DJANGO, LOSES, RISKS, rule

_SETTINGS = f"{DJANGO}settings/#"
_UPLOAD = 32 * 2**20
_SESSIONS_IN_CACHE = "django.contrib.sessions.backends.cache"


@rule(
    "ALLOWED_HOSTS",
    LOSES,
    lost="every request to that name: it is answered 400",
    when="always; app_domains has a name that the settings lack",
    instead="what the kit puts into the environment: all of app_domains",
    source=f"{_SETTINGS}allowed-hosts",
)
def allowed_hosts(case: Case) -> tuple[str, str] | None:
    hosts = [host.lower() for host in case.settings["ALLOWED_HOSTS"]]
    refused = [domain for domain in case.app["domains"] if not any(_covers(host, domain.lower()) for host in hosts)]
    if not case.serves or not refused:
        return None
    snippet = case.django_snippet('import os\nALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")')
    return f"without {listed(refused)}", snippet


def _covers(host: str, domain: str) -> bool:
    if host.startswith("."):
        return domain.removeprefix("*").endswith(host) or domain == host[1:]
    return host in ("*", domain)


def _servers(case: Case) -> dict[str, dict]:
    return {alias: entry for alias, entry in case.django["databases"].items() if not entry["is_file"]}


@rule(
    "DATABASES.CONN_HEALTH_CHECKS",
    LOSES,
    lost="the first request of each process",
    when="PostgreSQL has restarted: kept connections are dead, and nobody has looked",
    instead="True beside CONN_MAX_AGE",
    source=f"{_SETTINGS}conn-health-checks",
)
def health_checks(case: Case) -> tuple[str, str] | None:
    blind = [a for a, entry in _servers(case).items() if entry["CONN_MAX_AGE"] != 0 and not entry["CONN_HEALTH_CHECKS"]]
    if not blind:
        return None
    return f"False for {listed(blind)}", case.django_snippet(f'DATABASES["{blind[0]}"]["CONN_HEALTH_CHECKS"] = True')


@rule(
    "DATABASES.CONN_MAX_AGE",
    RISKS,
    lost="every request that needs the database",
    when="its connections are used up: under ASGI kept ones are not used again",
    instead="0 with app_asgi",
    source=f"{DJANGO}databases/#persistent-database-connections",
)
def kept_under_asgi(case: Case) -> tuple[str, str] | None:
    kept = {alias: entry["CONN_MAX_AGE"] for alias, entry in _servers(case).items() if entry["CONN_MAX_AGE"] != 0}
    if not case.app["asgi"] or not kept:
        return None
    alias = next(iter(kept))
    return f"{kept[alias]} for {alias}", case.django_snippet(f'DATABASES["{alias}"]["CONN_MAX_AGE"] = 0')


@rule(
    "DATABASES.connect_timeout",
    ADVISES,
    lost="requests that wait for a connection, until gunicorn gives them up",
    when="the host of PostgreSQL is gone without a word",
    instead="some seconds",
    source=f"{DJANGO}databases/#postgresql-connection-settings",
)
def connect_timeout(case: Case) -> tuple[str, str] | None:
    patient = [
        alias
        for alias, entry in _servers(case).items()
        if "postg" in entry["engine"] and not {"connect_timeout", "service", "pool"} & set(entry["options"])
    ]
    if not patient:
        return None
    line = f'DATABASES["{patient[0]}"].setdefault("OPTIONS", {{}})["connect_timeout"] = 3'
    return f"none for {listed(patient)}", case.django_snippet(line)


@rule(
    "CACHES.socket_timeout",
    RISKS,
    lost="requests that ask the cache, until gunicorn gives them up",
    when="Redis does not answer, or the way to it is cut",
    instead="two seconds: a cache that hangs is worse than none",
    source=f"{_SETTINGS}std-setting-CACHES-OPTIONS",
)
def cache_timeout(case: Case) -> tuple[str, str] | None:
    caches = {a: c for a, c in case.django["caches"].items() if c["service"]["kind"] == "redis"}
    patient = [alias for alias, cache in caches.items() if "socket_timeout" not in cache["options"]]
    if not patient:
        return None
    lines = (
        f'CACHES["{patient[0]}"].setdefault("OPTIONS", {{}}).update(\n    socket_timeout=2, socket_connect_timeout=2\n)'
    )
    return f"no socket_timeout for {listed(patient)}", case.django_snippet(lines)


def _session_cache(case: Case) -> dict:
    return case.django["caches"].get(case.settings["SESSION_CACHE_ALIAS"] or "default") or {"backend": ""}


@rule(
    "SESSION_ENGINE",
    LOSES,
    lost="visitors' sessions: each process has its own, so that they are signed out at every other request",
    when="always: the cache that sessions are in is the memory of one process",
    instead="the database, or a cache that all processes share",
    source=f"{_SETTINGS}session-engine",
)
def sessions_in_memory(case: Case) -> tuple[str, str] | None:
    alone = "locmem" in _session_cache(case)["backend"] or "dummy" in _session_cache(case)["backend"]
    if not case.serves or case.settings["SESSION_ENGINE"] != _SESSIONS_IN_CACHE or not alone:
        return None
    line = 'SESSION_ENGINE = "django.contrib.sessions.backends.db"'
    return case.set_to("SESSION_ENGINE"), case.django_snippet(line)


@rule(
    "SESSION_ENGINE.cache",
    ADVISES,
    lost="visitors' sessions: all of them sign in again",
    when="the cache restarts or makes room",
    instead="cached_db: as fast, and kept in the database",
    source=f"{_SETTINGS}session-engine",
)
def sessions_in_cache(case: Case) -> tuple[str, str] | None:
    shared = "redis" in _session_cache(case)["backend"].lower() or "memcache" in _session_cache(case)["backend"].lower()
    if not case.serves or case.settings["SESSION_ENGINE"] != _SESSIONS_IN_CACHE or not shared:
        return None
    line = 'SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"'
    return case.set_to("SESSION_ENGINE"), case.django_snippet(line)


@rule(
    "FILE_UPLOAD_MAX_MEMORY_SIZE",
    ADVISES,
    lost="the requests of a process: it is killed for its memory",
    when="some visitors upload at once: files up to this size are held in memory",
    instead="Django's 2.5 MiB; larger files go to disk meanwhile",
    source=f"{_SETTINGS}file-upload-max-memory-size",
)
def upload_size(case: Case) -> tuple[str, str] | None:
    size = case.settings["FILE_UPLOAD_MAX_MEMORY_SIZE"] or 0
    # nginx refuses what is larger.
    if not case.serves or min(size, _bytes(case.app["web"]["body_limit"])) <= _UPLOAD:
        return None
    return f"{size // 2**20} MiB", case.django_snippet("FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440")


def _bytes(limit: str) -> int:
    """Return a size in nginx's notation (k, m, g) in bytes."""
    unit = {"k": 2**10, "m": 2**20, "g": 2**30}.get(limit[-1].lower(), 1)
    return int("".join(filter(str.isdigit, limit)) or 0) * unit


def _serves_static(case: Case) -> bool:
    local = not str(case.settings["STATIC_URL"]).startswith(("http://", "https://", "//"))
    return bool(case.app["static_root"]) and "django.contrib.staticfiles" in case.settings["INSTALLED_APPS"] and local


@rule(
    "STORAGES",
    ADVISES,
    lost="the looks of pages that are open: they get the new release's style sheet, or an old one from their cache",
    when="a release changes a static file that keeps its name",
    instead="names with a hash of the content",
    source="https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#manifeststaticfilesstorage",
)
def hashed_names(case: Case) -> tuple[str, str] | None:
    if not _serves_static(case) or case.django["hashed_names"]:
        return None
    backend = '"django.contrib.staticfiles.storage.ManifestStaticFilesStorage"'
    if case.version("django") < (4, 2):
        text = f"STATICFILES_STORAGE = {backend}"
    elif "STORAGES" in case.django["set"]:
        text = f'STORAGES["staticfiles"] = {{\n    "BACKEND": {backend}\n}}'
    else:
        media = '"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}'
        text = f'STORAGES = {{\n    {media},\n    "staticfiles": {{\n        "BACKEND": {backend}\n    }},\n}}'
    return "staticfiles without hashes", case.django_snippet(text)


@rule(
    "STATIC_ROOT",
    LOSES,
    lost="every request for a style sheet or a script: 404",
    when="always: files are collected elsewhere than nginx looks",
    instead="what the kit puts into the environment, or app_static_root as the settings have it",
    source=f"{_SETTINGS}static-root",
)
def static_root(case: Case) -> tuple[str, str] | None:
    root, wired = case.settings["STATIC_ROOT"], case.environment["static_root"]
    if not _serves_static(case) or not wired or str(root).rstrip("/") == wired.rstrip("/"):
        return None
    return case.set_to("STATIC_ROOT"), case.django_snippet('import os\nSTATIC_ROOT = os.environ["STATIC_ROOT"]')


RULES = (
    allowed_hosts, health_checks, kept_under_asgi, connect_timeout, cache_timeout, sessions_in_memory,
    sessions_in_cache, upload_size, hashed_names, static_root,
)  # fmt: skip

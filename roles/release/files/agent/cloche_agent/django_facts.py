"""Django's settings, as far as a task, a request or a secret can depend on them."""

from collections.abc import Iterator
from typing import Any

from cloche_agent import places
from cloche_agent.output import plain

#: Told as they are; none of them is secret.
SETTINGS = (
    "DEBUG", "ALLOWED_HOSTS", "MIDDLEWARE", "INSTALLED_APPS", "PASSWORD_HASHERS", "SESSION_ENGINE",
    "SESSION_CACHE_ALIAS", "SESSION_SERIALIZER", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_SECURE", "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_TIMEOUT", "EMAIL_USE_TLS", "EMAIL_USE_SSL",
    "FILE_UPLOAD_MAX_MEMORY_SIZE", "CORS_ALLOW_ALL_ORIGINS", "CORS_ALLOW_CREDENTIALS", "STATIC_URL", "STATIC_ROOT",
)  # fmt: skip


def collect() -> dict[str, Any]:
    """Return settings_module, settings, set (those that the project sets), and the parts below."""
    from django.conf import settings

    return {
        "settings_module": getattr(settings, "SETTINGS_MODULE", ""),
        "settings": {name: plain(getattr(settings, name, None)) for name in SETTINGS},
        "set": [name for name in (*SETTINGS, "STORAGES") if settings.is_overridden(name)],
        "secret_key": _key(settings.SECRET_KEY),
        "databases": {alias: _database(entry) for alias, entry in settings.DATABASES.items() if entry.get("ENGINE")},
        "caches": {alias: _cache(entry) for alias, entry in settings.CACHES.items()},
        "hashed_names": _hashed_names(settings),
        "media_in_release": bool(settings.MEDIA_ROOT) and places.in_release(settings.MEDIA_ROOT),
        "sends_mail": bool(settings.ADMINS) or settings.is_overridden("EMAIL_HOST"),
        "mail_user": bool(settings.EMAIL_HOST_USER),
        "smtp": _is_smtp(settings.EMAIL_BACKEND),
        "html_reports": list(_html_reports(settings.LOGGING)),
    }


def _key(key: Any) -> dict[str, Any]:
    text = str(key or "")
    return {"length": len(text), "distinct": len(set(text)), "generated": text.startswith("django-insecure-")}


def _database(entry: dict[str, Any]) -> dict[str, Any]:
    name, engine = str(entry.get("NAME") or ""), entry["ENGINE"]
    file = "sqlite" in engine or "spatialite" in engine
    options = {key: plain(entry.get(key)) for key in ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "ATOMIC_REQUESTS")}
    lost = file and (":memory:" in name or places.in_release(name))
    names = sorted(entry.get("OPTIONS") or {})
    return options | {"engine": engine, "is_file": file, "in_release": lost, "options": names}


def _cache(entry: dict[str, Any]) -> dict[str, Any]:
    options = entry.get("OPTIONS") or {}
    pool = options.get("CONNECTION_POOL_KWARGS") or {}
    return {
        "backend": entry.get("BACKEND", ""),
        "service": places.service(entry.get("LOCATION")),
        "options": sorted(str(name).lower() for name in {*options, *pool}),
    }


def _hashed_names(settings: Any) -> bool:
    """Whether collected static files carry a hash of their content in their names."""
    from django.utils.module_loading import import_string

    storages = getattr(settings, "STORAGES", None) or {}
    backend = storages.get("staticfiles", {}).get("BACKEND") or getattr(settings, "STATICFILES_STORAGE", "")
    kinds = import_string(backend).__mro__ if backend else ()
    return any(kind.__name__ == "HashedFilesMixin" for kind in kinds)


def _is_smtp(backend: str) -> bool:
    from django.core.mail.backends.smtp import EmailBackend
    from django.utils.module_loading import import_string

    try:
        found = import_string(backend)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, EmailBackend)


def _html_reports(logging: Any) -> Iterator[str]:
    """Yield the handlers that mail a whole debug page: settings, local variables."""
    handlers = logging.get("handlers", {}) if isinstance(logging, dict) else {}
    for name, handler in handlers.items():
        if "AdminEmailHandler" in str(handler.get("class", "")) and handler.get("include_html"):
            yield str(name)

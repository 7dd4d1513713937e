"""Runs inside the application on both sides (``python -c``) and prints one line of JSON.

Argument: gunicorn's configuration file, or nothing.
"""

import json
import platform
import re
import runpy
import sys
from importlib.metadata import version

import django
from celery.app.defaults import DEFAULTS

PACKAGES = {"Celery": "celery", "kombu": "kombu", "Django": "django", "gunicorn": "gunicorn", "Flower": "flower"}
#: Secrets, and where things are rather than how they behave.
SKIPPED = re.compile(r"password|secret|token|key_id|login|url|host|location|^result_backend$", re.IGNORECASE)
PLACES = {"BASE_DIR", "STATIC_ROOT", "MEDIA_ROOT", "RELEASE_ID", "CSRF_TRUSTED_ORIGINS"}


def text(value):
    """A value as text that is the same for the same settings."""
    if isinstance(value, dict):
        return json.dumps({str(k): text(v) for k, v in sorted(value.items(), key=lambda item: str(item[0]))})
    if type(value).__name__ == "Queue":
        exchange, arguments = value.exchange, text(value.queue_arguments or {})
        return f"{value.name} {exchange.name} {exchange.type} {value.routing_key} {arguments}"
    if isinstance(value, (list, tuple, set)):
        return json.dumps(sorted(text(item) for item in value) if isinstance(value, set) else [text(i) for i in value])
    return value if isinstance(value, str) else repr(value)


def celery_settings(app):
    found = {name: text(app.conf[name]) for name in sorted(DEFAULTS) if not SKIPPED.search(name)}
    return found | {"result_backend": str(app.conf.result_backend).partition(":")[0]}


def django_settings(settings):
    found = {}
    for kind in ("DATABASES", "CACHES"):
        for key, value in getattr(settings, kind)["default"].items():
            if not SKIPPED.search(key):
                found[f"{kind}.{key}"] = text(value)
    for name in sorted(dir(settings)):
        if name.isupper() and not (
            SKIPPED.search(name) or name in PLACES or name.startswith(("CELERY_", "DATABASES", "CACHES"))
        ):
            found[name] = text(getattr(settings, name))
    return found


def gunicorn_settings(path):
    plain = (str, int, float, bool, type(None))
    return (
        {k: text(v) for k, v in runpy.run_path(path).items() if not k.startswith("_") and isinstance(v, plain)}
        if path
        else {}
    )


def worker_settings(app):
    """By the queues that a worker serves: how many tasks at once, held, and for how long."""
    inspect = app.control.inspect(timeout=3)
    stats, queues = inspect.stats() or {}, inspect.active_queues() or {}
    found = {}
    for node, own in stats.items():
        served = ",".join(sorted(queue["name"] for queue in queues.get(node) or []))
        pool = own["pool"]
        found[f"{served} / concurrency"] = text(pool.get("max-concurrency"))
        found[f"{served} / prefetch"] = text(own.get("prefetch_count"))
        found[f"{served} / timeouts"] = text(pool.get("timeouts"))
        found[f"{served} / tasks per child"] = text(pool.get("max-tasks-per-child"))
    return found


django.setup()
from config.celery import app  # noqa: E402
from django.conf import settings  # noqa: E402

versions = {"Python": platform.python_version(), **{name: version(package) for name, package in PACKAGES.items()}}
print(
    json.dumps(
        {
            "versions": versions,
            "celery": celery_settings(app),
            "django": django_settings(settings),
            "gunicorn": gunicorn_settings(sys.argv[1] if len(sys.argv) > 1 else ""),
            "workers": worker_settings(app),
        }
    )
)

"""Runs inside the application on both sides (``python -c``); prints one line of JSON. Argument: gunicorn's configuration file."""

import json
import platform
import re
import runpy
import sys
from importlib.metadata import version

import django
from celery import Celery

PACKAGES = {"Celery": "celery", "kombu": "kombu", "Django": "django", "gunicorn": "gunicorn", "Flower": "flower"}
SECRET = re.compile(r"password|secret|_url$|result_backend$|location|broker|host$|allowed_hosts|csrf_trusted", re.IGNORECASE)
KEPT = re.compile(r"broker_(?!url|read_url|write_url|login|use_ssl)")


def text(value):
    """A value as text that is the same for the same settings."""
    if isinstance(value, dict):
        return json.dumps({str(k): text(v) for k, v in sorted(value.items(), key=lambda item: str(item[0]))})
    if type(value).__name__ == "Queue":
        return f"{value.name} {value.exchange.name} {value.exchange.type} {value.routing_key} {text(value.queue_arguments or {})}"
    if isinstance(value, (list, tuple, set)):
        return json.dumps(sorted(text(item) for item in value) if isinstance(value, set) else [text(i) for i in value])
    return value if isinstance(value, str) else repr(value)


def celery_settings(app):
    names = (name for name in app.conf.keys() if name.islower())
    return {name: text(app.conf[name]) for name in sorted(names) if KEPT.match(name) or not SECRET.search(name)}


def django_settings(settings):
    found = {}
    for name in sorted(name for name in dir(settings) if name.isupper() and not name.startswith("CELERY_")):
        if name in ("DATABASES", "CACHES"):
            for key, value in getattr(settings, name)["default"].items():
                if key not in ("HOST", "PASSWORD", "LOCATION", "PORT"):
                    found[f"{name}.{key}"] = text(value)
        elif not SECRET.search(name) and name != "LOGGING_CONFIG":
            found[name] = text(getattr(settings, name))
    return found


def gunicorn_settings(path):
    plain = (str, int, float, bool, type(None))
    return {k: text(v) for k, v in runpy.run_path(path).items() if not k.startswith("_") and isinstance(v, plain)} if path else {}


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

assert isinstance(app, Celery)
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

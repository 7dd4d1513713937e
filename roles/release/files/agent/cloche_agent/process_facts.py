"""What the environment brings, and what a process holds once the application is loaded."""

import os
import shlex
import threading
from pathlib import Path
from typing import Any

from cloche_agent import places

#: Files that projects keep for gunicorn; below the source, or one directory further down.
_GUNICORN_FILES = ("gunicorn.conf.py", "gunicorn_conf.py", "gunicorn_config.py", "gunicorn.py")


def environment() -> dict[str, Any]:
    """Return what outranks settings: options of gunicorn by name, where Celery is sent, STATIC_ROOT as wired."""
    names = ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND")
    return {
        "gunicorn": _options(os.environ.get("GUNICORN_CMD_ARGS", "")),
        "gunicorn_files": [
            str(path.relative_to(Path.cwd()))
            for name in _GUNICORN_FILES
            for pattern in (name, f"*/{name}")
            for path in sorted(Path.cwd().glob(pattern))
        ],
        "celery": {name: places.service(os.environ[name]) for name in names if os.environ.get(name)},
        "static_root": os.environ.get("STATIC_ROOT"),
    }


def _options(arguments: str) -> list[str]:
    try:
        words = shlex.split(arguments)
    except ValueError:
        words = arguments.split()
    return [word.partition("=")[0] for word in words if word.startswith("-")]


def forked(django: bool) -> dict[str, Any]:
    """Return the threads that run and the database connections that are open in this process, by name."""
    threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    connections: list[str] = []
    if django:
        from django.db import connections as known

        connections = [one.alias for one in known.all(initialized_only=True) if one.connection is not None]
    return {"threads": threads, "connections": connections}

"""Unit tests: no service, no network, fast password hashes, results in the test database."""

import os
import tempfile
from pathlib import Path

from config.celery_settings import celery_settings
from config.env import database_config
from config.settings.base import *  # noqa: F403
from core.logs import logging_config

DEBUG = False
SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["testserver", "localhost"]

# A file, not memory: the in-process worker and the health checks open the database from threads of their own.
_TEMPORARY = tempfile.TemporaryDirectory(prefix="garden-test-", ignore_cleanup_errors=True)
_DIRECTORY = Path(_TEMPORARY.name)
DATABASES = {"default": database_config(f"sqlite:///{_DIRECTORY / 'db.sqlite3'}")}
DATABASES["default"]["TEST"] = {"NAME": _DIRECTORY / "test.sqlite3"}

STATIC_ROOT = _DIRECTORY / "static"
MEDIA_ROOT = _DIRECTORY / "media"
LOGGING = logging_config("INFO", "line")
ADMINS = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Celery itself prefers this variable to the settings.
os.environ.pop("CELERY_BROKER_URL", None)
globals().update(celery_settings())

"""The project's settings where no service is: SQLite in memory, tasks run where they are sent."""

import secrets
import tempfile

from classic.settings import *  # noqa: F403

SECRET_KEY = secrets.token_hex(32)
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ALLOWED_HOSTS = ["testserver"]
CELERY_TASK_ALWAYS_EAGER = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_DIRECTORY = tempfile.TemporaryDirectory(prefix="classic-test-", ignore_cleanup_errors=True)
MEDIA_ROOT = _DIRECTORY.name

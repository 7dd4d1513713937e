"""A checkout on its own: SQLite, no services, tasks run in threads of the web process.

The variables of production point it to real services where wanted; mail is printed.
"""

from config.celery_settings import celery_settings
from config.env import cache_config, database_config, email_config
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR, LOG_FILE, LOG_LEVEL, env
from core.local_secret import local_secret_key
from core.logs import FORMATS, logging_config

DEBUG = True
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret_key(BASE_DIR / ".secret_key")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))

DATABASES = {"default": database_config(env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}"))}
CACHES = {"default": cache_config(env.str("CACHE_URL", default=""))}

STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = BASE_DIR / "media"

LOGGING = logging_config(LOG_LEVEL, env.choice("LOG_FORMAT", FORMATS, "line"), LOG_FILE)

globals().update(email_config(env.text("EMAIL_URL", "consolemail://")))
globals().update(
    celery_settings(
        env.str("CELERY_BROKER_URL", default=""),
        env.str("CELERY_RESULT_BACKEND", default=""),
    )
)

"""A checkout on its own: SQLite, no services, tasks run in threads of the web process.

DATABASE_URL, CELERY_BROKER_URL, CELERY_RESULT_BACKEND and CACHE_URL point it to real services where wanted.
"""

from config.celery_settings import celery_settings
from config.env import Env, cache_config, database_config
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR
from config.upstream import upstream_settings
from core.local_secret import local_secret_key

env = Env()

DEBUG = True
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret_key(BASE_DIR / ".secret_key")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))

DATABASES = {"default": database_config(env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}"))}
CACHES = {"default": cache_config(env.str("CACHE_URL", default=""))}

globals().update(upstream_settings(env))

STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = BASE_DIR / "media"

globals().update(
    celery_settings(
        env.str("CELERY_BROKER_URL", default=""),
        env.str("CELERY_RESULT_BACKEND", default=""),
    )
)

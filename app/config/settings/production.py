"""Behind nginx, with PostgreSQL, Redis and RabbitMQ. Every value comes from the environment (see README.md)."""

from config.celery_settings import celery_settings
from config.env import Env, cache_config, database_config
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR
from config.upstream import upstream_settings

env = Env()

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", default=())

DATABASES = {"default": database_config(env.str("DATABASE_URL"))}
CACHES = {"default": cache_config(env.str("CACHE_URL"))}

globals().update(
    celery_settings(
        env.str("CELERY_BROKER_URL"),
        env.str("CELERY_RESULT_BACKEND", default="django-db"),
    )
)

globals().update(upstream_settings(env))

STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names with a content hash: nginx may let browsers keep them for ever, and an open page of the previous
    # release still finds its own.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# nginx ends TLS and sets this header itself, so a client can't forge it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
# nginx sends HSTS (W004) and redirects HTTP to HTTPS (W008): once, for static files too.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]

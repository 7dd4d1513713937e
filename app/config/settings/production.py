"""Behind nginx, with PostgreSQL, Redis and RabbitMQ. Every value comes from the environment (see README.md)."""

from config.celery_settings import celery_settings
from config.env import cache_config, database_config, email_config
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR, LOG_FILE, LOG_LEVEL, env
from core.logs import FORMATS, logging_config

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
# Earlier keys: what they signed, sessions above all, stays valid until they are taken away.
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", default=())
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", default=())

DATABASES = {"default": database_config(env.str("DATABASE_URL"))}
CACHES = {"default": cache_config(env.str("CACHE_URL"))}

LOGGING = logging_config(LOG_LEVEL, env.choice("LOG_FORMAT", FORMATS, "json"), LOG_FILE)

globals().update(email_config(env.text("EMAIL_URL", "smtp://localhost:25")))
globals().update(
    celery_settings(
        env.str("CELERY_BROKER_URL"),
        env.text("CELERY_RESULT_BACKEND", "django-db"),
    )
)

STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
MEDIA_ROOT = env.text("MEDIA_ROOT", str(BASE_DIR / "media"))
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
# nginx redirects already; this holds where something else is in front. Health is asked on the socket itself too.
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
# nginx sends its own only with what the application does not answer (static files), so it is never there twice.
SECURE_HSTS_SECONDS = env.whole("SECURE_HSTS_SECONDS", 31_536_000)
# Host names below this one must speak TLS as well; 0 where one of them does not.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
# Offering the domain to the browsers' built-in lists can hardly be undone: it is its owner's decision, not a default.
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]

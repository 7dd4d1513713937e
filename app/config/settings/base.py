"""What every environment shares. A value that differs comes from the environment, read in local and production."""

from pathlib import Path

from csp.constants import NONE, SELF

from config.env import Env

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent

INSTALLED_APPS = [
    # First: it replaces templates of the packages below.
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_results",
    "django_celery_beat",
    "django_htmx",
    "csp",
    "tasks",
    "ledger",
    "health",
    "files",
    "photos",
    "reports",
    "canvas",
    "schedules",
    "feedback",
    "ops",
]

MIDDLEWARE = [
    # First, so that every later line of the log and every answer carries the request's id.
    "core.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.navigation.navigation",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "tasks:home"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
MEDIA_URL = "/media/"

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Nothing inline and nothing from elsewhere. A view that needs more says so (csp.decorators), or sends its own header.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

ADMINS = env.people("ADMINS")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "garden@localhost")
# Who gets the visitors' feedback; none: the admins, else the sender of every mail.
FEEDBACK_TO = [address for _, address in env.people("FEEDBACK_TO")]
EMAIL_SUBJECT_PREFIX = "[Garden] "
# Seconds: a mail server that hangs must not hang a task or a request with it.
EMAIL_TIMEOUT = env.whole("EMAIL_TIMEOUT", 10)
# Error reports show the settings, and a URL among them may hold a password.
DEFAULT_EXCEPTION_REPORTER_FILTER = "core.error_mail.ReportFilter"

# The two upstream APIs.
REPORTS_API_URL = env.web_url("REPORTS_API_URL", "https://api.github.com")
REPORTS_API_TOKEN = env.text("REPORTS_API_TOKEN", "")
REPORTS_PAGE_SIZE = env.whole("REPORTS_PAGE_SIZE", 100, range(1, 101))
PHOTOS_FEED_URL = env.web_url(
    "PHOTOS_FEED_URL", "https://www.flickr.com/services/feeds/photos_public.gne?format=json&nojsoncallback=1"
)
# Days that reports and photos are kept; 0 keeps them for ever.
REPORTS_KEPT_DAYS = env.whole("REPORTS_KEPT_DAYS", 90)
PHOTOS_KEPT_DAYS = env.whole("PHOTOS_KEPT_DAYS", 90)

LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOG_FILE = env.text("LOG_FILE", "")
LOGGING_CONFIG = "logging.config.dictConfig"

# The release these processes belong to; the ledger records it with every run.
RELEASE_ID = env.text("RELEASE_ID", "")

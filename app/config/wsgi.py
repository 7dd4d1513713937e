"""The WSGI entry point: ``gunicorn config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

# Only now: views and tasks need the applications.
from core.warm import load_lazily_loaded  # noqa: E402

load_lazily_loaded()

"""What a WSGI server runs: ``classic.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classic.settings")

application = get_wsgi_application()

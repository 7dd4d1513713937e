"""The Celery application: ``celery -A classic``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classic.settings")

app = Celery("classic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""The Celery application: ``celery -A celery_demo``."""

from celery import Celery

app = Celery("celery_demo", include=["celery_demo.tasks"])
app.config_from_object("celery_demo.settings")

"""The Celery application: ``celery -A config``. Its settings are made in ``config.celery_settings``."""

import os

from celery import Celery, signals

# The same default as manage.py, so that both are usable from a fresh checkout.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("garden", task_cls="core.task:GardenTask", events="core.events:Events")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Stop Celery from configuring logging: django.setup() has done so, with one line per record."""


@signals.task_prerun.connect
def drop_broken_connections(**_: object) -> None:
    """Close database connections that died or grew old since the last task.

    CELERY_DB_REUSE_MAX keeps connections across tasks (six times the result rate); without this
    handler every process fails one task after a restart of PostgreSQL.
    """
    from django.db import close_old_connections

    close_old_connections()

"""Unit tests' settings on real services: TEST_DATABASE_URL, TEST_BROKER_URL and TEST_REDIS_URL say which.

Results are in PostgreSQL, as in production; the cache stays in memory.
"""

from config.celery_settings import celery_settings
from config.env import Env, database_config
from config.settings.test import *  # noqa: F403

_env = Env()

DATABASES = {"default": database_config(_env.str("TEST_DATABASE_URL"))}
globals().update(celery_settings(_env.str("TEST_BROKER_URL")))

"""What the environment says, and what keeps tasks from getting lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app

from classic import settings

ROOT = Path(__file__).parents[1]
NAMES = (
    "SECRET_KEY",
    "DEBUG",
    "ALLOWED_HOSTS",
    "DATABASES",
    "MEDIA_ROOT",
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
)
SCRIPT = f"import json; from classic import settings; print(json.dumps({{n: getattr(settings, n) for n in {NAMES}}}))"
# What a shell, a URL and a template would each take apart.
HOSTILE = "p% $#'\"\\:@/{database.user}ü"


def read(**environment):
    """Return the settings as a process with this environment has them."""
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_without_a_word_it_is_a_laptops_and_shows_no_errors_to_visitors():
    found = read()
    assert found["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert found["DEBUG"] is False


def test_each_part_of_the_database_is_a_variable_and_taken_as_it_is():
    named = {
        "SQL_ENGINE": "django.db.backends.postgresql", "SQL_DATABASE": "d", "SQL_USER": "u", "SQL_PASSWORD": HOSTILE,
        "SQL_HOST": "db.test", "SQL_PORT": "5433",
    }  # fmt: skip
    database = read(**named)["DATABASES"]["default"]
    assert [database[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")] == list(named.values())


def test_broker_and_backend_have_their_own_names():
    found = read(CELERY_BROKER="redis://a.test/0", CELERY_BACKEND="redis://b.test/0")
    assert (found["CELERY_BROKER_URL"], found["CELERY_RESULT_BACKEND"]) == ("redis://a.test/0", "redis://b.test/0")


def test_hosts_are_separated_by_spaces():
    assert read(DJANGO_ALLOWED_HOSTS="a.test  b.test")["ALLOWED_HOSTS"] == ["a.test", "b.test"]


def test_without_a_secret_key_nothing_is_signed():
    command = [sys.executable, "manage.py", "shell", "-c", "from django.core import signing; signing.dumps(1)"]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_nothing_taken_is_lost_when_a_worker_dies():
    conf = current_app.conf
    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_cancel_long_running_tasks_on_connection_loss is True


def test_redis_hands_no_running_task_to_another_worker():
    held = settings.CELERY_WORKER_PREFETCH_MULTIPLIER * settings.CELERY_TASK_TIME_LIMIT
    assert held < settings.VISIBILITY_TIMEOUT
    assert current_app.conf.broker_transport_options["visibility_timeout"] == settings.VISIBILITY_TIMEOUT


def test_a_note_is_overdue_only_when_its_task_must_have_ended():
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT < settings.NOTES_OVERDUE


@pytest.mark.parametrize("name", ["notes.tasks.process_note", "notes.tasks.resend_overdue"])
def test_tasks_are_found_and_named_after_their_module(name):
    current_app.loader.import_default_modules()
    assert name in current_app.tasks


def test_beat_sends_a_task_that_there_is():
    current_app.loader.import_default_modules()
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} == {"notes.tasks.resend_overdue"}
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "tests.settings"

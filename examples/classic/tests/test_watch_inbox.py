"""The extra process, as supervisor sees it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TALLY = "SELECT waiting, processed, looks FROM notes_tally"
NOTE = "INSERT INTO notes_note (key, text, attachment, seconds, runs, created) VALUES ('k', '', '', 0, 0, '2026-01-01')"


@pytest.fixture
def database(tmp_path):
    """A database of its own with its tables; the environment that names it goes with it."""
    path = tmp_path / "db.sqlite3"
    environment = os.environ | {
        "SECRET_KEY": os.urandom(32).hex(), "SQL_DATABASE": str(path), "DJANGO_SETTINGS_MODULE": "classic.settings",
        "SQL_ENGINE": "django.db.backends.sqlite3", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
    return path, environment


def tally(path):
    """Return the row, () where there is none."""
    with sqlite3.connect(path, timeout=20) as connection:
        return connection.execute(TALLY).fetchone() or ()


def start(environment, interval):
    command = [sys.executable, "manage.py", "watch_inbox", f"--interval={interval}"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def until(read, done, seconds=20):
    """Return the first reading that is done; fail when time is up."""
    deadline = time.monotonic() + seconds
    while not done(reading := read()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {reading!r}"
        time.sleep(0.05)
    return reading


def test_it_counts_over_and_over_into_one_row(database):
    path, environment = database
    with sqlite3.connect(path) as connection:
        connection.execute(NOTE)
    watching = start(environment, interval=0.05)
    try:
        waiting, processed, _ = until(lambda: tally(path), lambda row: row and row[2] > 2)
    finally:
        watching.terminate()
        watching.communicate(timeout=20)
    assert (waiting, processed) == (1, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(database, number):
    path, environment = database
    watching = start(environment, interval=3600)
    until(lambda: tally(path), bool)
    watching.send_signal(number)
    said, _ = watching.communicate(timeout=5)
    assert watching.returncode == 0
    assert said.splitlines() == ["watching the inbox", "told to stop, and did"]

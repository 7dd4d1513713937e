"""The README's commands, each a process of its own, as on a laptop: no service runs beside them."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from ast import literal_eval
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 6
#: What a person types into a Python console, in two sessions.
PUBLISH = "from celery_demo.tasks import chain_demo; print(chain_demo.delay(1, 1, nap=0.1).get(timeout=20))"
READ = """
from celery.result import AsyncResult
import celery_demo.tasks
print({name: (result.state, result.result) for name, task_id in %s.items() for result in [AsyncResult(task_id)]})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all that the processes write lies."""
    return tmp_path_factory.mktemp("alone")


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"CELERY_DEMO_DIR": str(folder)}


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[None]:
    """A worker and beat, until both have worked for some seconds."""
    commands = ["worker", "--concurrency=2", "--loglevel=INFO"], ["beat", "--pidfile="]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_demo", *command],
            cwd=ROOT,
            env=environment(folder),
            start_new_session=True,
        )
        for command in commands
    ]
    try:
        until(lambda: len(sums(folder)) > 0, 40)
        time.sleep(SECONDS)
        yield
    finally:
        # With the worker's children; a warm shutdown would take seconds and prove nothing here.
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def console(folder: Path, script: str) -> dict[str, Any]:
    """Return the dictionary that a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    return dict(literal_eval(done.stdout))


def sums(folder: Path) -> list[str]:
    """Return the times of the results of add(5, 8), oldest first."""
    return query(folder, "SELECT date_done FROM celery_taskmeta WHERE CAST(result AS TEXT) = '13' ORDER BY date_done")


def query(folder: Path, statement: str) -> list[str]:
    if not (folder / "results.sqlite3").is_file():
        return []
    with sqlite3.connect(folder / "results.sqlite3", timeout=20) as connection:
        try:
            return [str(row[0]) for row in connection.execute(statement)]
        except sqlite3.OperationalError:
            # Its table is not there yet.
            return []


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


def test_beat_brings_a_sum_every_two_seconds(running: None, folder: Path) -> None:
    assert abs(len(sums(folder)) - 1 - SECONDS / 2) <= 1.5
    assert (folder / "celerybeat-schedule").exists() or list(folder.glob("celerybeat-schedule*"))


def test_a_chain_is_read_back_from_another_console(running: None, folder: Path) -> None:
    ids = console(folder, PUBLISH)
    until(lambda: query(folder, "SELECT value FROM saved_value WHERE value = 20") != [], 20)
    assert console(folder, READ % ids) == {
        "add": ("SUCCESS", 2),
        "mul": ("SUCCESS", 20),
        # Its result is ignored: nothing was stored.
        "insert_db_demo": ("PENDING", None),
    }
    assert query(folder, f"SELECT 1 FROM celery_taskmeta WHERE task_id = '{ids['insert_db_demo']}'") == []


def test_an_unknown_id_is_pending(running: None, folder: Path) -> None:
    assert console(folder, READ % {"nobody": "none"}) == {"nobody": ("PENDING", None)}

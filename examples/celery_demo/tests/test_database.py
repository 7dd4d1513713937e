"""Several processes, and two releases of them, write the one file."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine

from celery_demo import database

WRITERS, WRITES = 4, 25
#: Each stores results as a worker's child does, and saves a value for each.
WRITER = """
import sys
from celery_demo.tasks import app, values
for number in range(int(sys.argv[2])):
    task_id = f"{sys.argv[1]}-{number}"
    app.backend.store_result(task_id, number, "SUCCESS")
    values().insert(task_id, number)
"""


def test_writers_of_a_new_file_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    environment = {"CELERY_RESULT_BACKEND": f"db+sqlite:///{path}", "CELERY_DEMO_DIR": str(tmp_path)}
    root = Path(__file__).parents[1]
    commands = [[sys.executable, "-c", WRITER, str(number), str(WRITES)] for number in range(WRITERS)]
    running = [
        subprocess.Popen(command, cwd=root, env=environment, stderr=subprocess.PIPE, text=True) for command in commands
    ]
    said = [process.communicate(timeout=100)[1] for process in running]
    assert [process.returncode for process in running] == [0] * WRITERS, said
    with sqlite3.connect(path) as connection:
        for table in ("celery_taskmeta", "saved_value"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (WRITERS * WRITES,)


def test_the_file_is_private_and_written_ahead(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    engine = create_engine(f"sqlite:///{path}", **database.ENGINE_OPTIONS)
    database.prepare(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 1000 * database.BUSY_TIMEOUT
        assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("results.sqlite3*")} == {0o600}

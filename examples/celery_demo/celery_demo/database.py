"""The SQLite file, through SQLAlchemy: results, and what ``insert_db_demo`` saves."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event, text

#: Seconds that a writer waits for another one, instead of failing with "database is locked".
BUSY_TIMEOUT = 20
ENGINE_OPTIONS = {"connect_args": {"timeout": BUSY_TIMEOUT}}

_CREATE = text("CREATE TABLE IF NOT EXISTS saved_value (task_id TEXT PRIMARY KEY, value REAL NOT NULL)")
_INSERT = text("INSERT INTO saved_value VALUES (:task_id, :value) ON CONFLICT DO NOTHING")
_SELECT = text("SELECT value FROM saved_value WHERE task_id = :task_id")


def prepare(engine: Engine) -> None:
    """Make the engine's file private, and each of its connections one that shares it with other processes."""
    if engine.url.database:
        # SQLite would make it readable for everybody on the host; its -wal and -shm files take after it.
        Path(engine.url.database).touch(mode=0o600)
    event.listen(engine, "connect", _write_ahead)


def _write_ahead(connection: Any, _record: Any) -> None:
    # Readers block no writer then. Left as it is: synchronous=FULL, for a message is acknowledged, and so gone, as soon
    # as its result is written.
    connection.execute("PRAGMA journal_mode=WAL").close()


class Values:
    """The saved values in the database ``url``, as ``sqlite:///path``."""

    def __init__(self, url: str) -> None:
        # No pool: a connection must not be carried into a worker's child.
        self._engine = create_engine(url, poolclass=NullPool, **ENGINE_OPTIONS)
        prepare(self._engine)

    def insert(self, task_id: str, value: float) -> None:
        """Save the value under the id of the task that brings it; a second time changes nothing."""
        with self._engine.begin() as connection:
            connection.execute(_CREATE)
            connection.execute(_INSERT, {"task_id": task_id, "value": value})

    def get(self, task_id: str) -> float | None:
        """Return the value that a task has saved, None where it has not."""
        with self._engine.begin() as connection:
            connection.execute(_CREATE)
            return connection.execute(_SELECT, {"task_id": task_id}).scalar()

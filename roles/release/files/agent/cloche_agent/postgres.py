"""PostgreSQL while it is migrated: one migrate at a time, no lock awaited for long, and who was in the way."""

import threading
from typing import Any

from cloche_agent.output import Failure

#: The key of the session lock; advisory locks belong to one database, so applications don't meet.
LOCK = int.from_bytes(b"cloche-m")
LOCK_NOT_AVAILABLE = "55P03"
# What a user may know of other users' sessions; no query texts, which hold data.
_SESSION = """
    a.pid, a.usename, a.application_name, a.state,
    extract(epoch FROM now() - coalesce(a.xact_start, a.state_change, a.backend_start))::int
"""
_HOLDERS = f"""
    SELECT {_SESSION} FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
    JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
      AND (l.classid::bigint << 32 | l.objid::bigint) = %s AND l.objsubid = 1
"""
_BLOCKERS = f"""
    SELECT (SELECT relation::regclass::text FROM pg_locks
            WHERE pid = %s AND NOT granted AND relation IS NOT NULL LIMIT 1), {_SESSION}
    FROM pg_stat_activity a WHERE a.pid = ANY(pg_blocking_pids(%s))
"""


class Session:
    """The connection that migrates, as a context: each time it is opened it takes the lock and sets the time limit.

    The lock is on this very connection: after a kill of this process the server may still work on its last statement,
    and only that session's own lock lasts as long as that.
    """

    def __init__(self, connection: Any, lock_timeout: float, wait: float) -> None:
        self.connection, self.lock_timeout, self.wait = connection, lock_timeout, wait
        self.watch: Watch | None = None

    def __enter__(self) -> "Session":
        from django.db.backends.signals import connection_created

        connection_created.connect(self._opened, weak=False)
        if self.connection.connection is None:
            self.connection.ensure_connection()
        else:
            self._prepare()
        return self

    def __exit__(self, *_: object) -> None:
        from django.db.backends.signals import connection_created

        connection_created.disconnect(self._opened)
        if self.watch:
            self.watch.stop()
        self.connection.close()

    def _opened(self, connection: Any, **_: Any) -> None:
        if connection is self.connection:
            self._prepare()

    def _prepare(self) -> None:
        from django.db.utils import OperationalError

        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_milliseconds(self.wait)])
            try:
                cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            except OperationalError as error:
                if not is_lock_timeout(error):
                    raise
                cursor.execute(_HOLDERS, [LOCK])
                holders = ", ".join(session(*row) for row in cursor.fetchall()) or "it has just ended"
                message = f"another migrate of this database has not ended within {self.wait:g} s: {holders}"
                raise Failure("lock", message) from error
            # For the session, not the transaction: migrations that are not atomic are held to it as well.
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_milliseconds(self.lock_timeout)])
            cursor.execute("SELECT set_config('application_name', 'cloche migrate', false), pg_backend_pid()")
            pid = cursor.fetchone()[1]
        if self.watch:
            self.watch.stop()
        self.watch = Watch(self.connection, pid, every=min(1.0, self.lock_timeout / 2))
        self.watch.start()

    def explain(self) -> str:
        """Return in words which lock could not be had, and who holds it."""
        relation, holders = self.watch.last if self.watch else (None, [])
        who = "; ".join(holders)
        return (
            f"could not lock {relation or 'what it changes'} within {self.lock_timeout:g} s: "
            f"another session holds it{f': {who}' if who else ''}"
        )


class Watch(threading.Thread):
    """Notes who blocks a session, on a connection of its own that is only made once the session takes its time."""

    def __init__(self, connection: Any, pid: int, every: float) -> None:
        super().__init__(name="lock-watch", daemon=True)
        self.source, self.pid, self.every = connection, pid, every
        self.ended = threading.Event()
        #: The relation waited for, and the sessions that hold it, as seen last.
        self.last: tuple[str | None, list[str]] = (None, [])

    def run(self) -> None:
        """Look again and again until told to stop; without a second connection nothing is noted."""
        from django.db.utils import Error

        if self.ended.wait(self.every):
            return
        # A copy, as Django's connections belong to one thread each.
        own = self.source.copy()
        try:
            while not self.ended.is_set():
                with own.cursor() as cursor:
                    cursor.execute(_BLOCKERS, [self.pid, self.pid])
                    if rows := cursor.fetchall():
                        self.last = rows[0][0], [session(*row[1:]) for row in rows]
                self.ended.wait(self.every)
        except Error:
            return
        finally:
            own.close()

    def stop(self) -> None:
        """End the watch."""
        self.ended.set()
        self.join(timeout=5)


def session(pid: int, user: str, program: str, state: str | None, seconds: int | None) -> str:
    """Return a session in words; other users' state and times are not always visible."""
    parts = [f"pid {pid}", f"user {user}", program, state, None if seconds is None else f"since {seconds} s"]
    return ", ".join(part for part in parts if part)


def is_lock_timeout(error: BaseException) -> bool:
    """Whether a lock was not had in time, in Django's error or the driver's beneath (psycopg 3, psycopg2)."""
    cause: BaseException | None = error
    while cause is not None:
        if LOCK_NOT_AVAILABLE in (getattr(cause, "sqlstate", None), getattr(cause, "pgcode", None)):
            return True
        cause = cause.__cause__
    return False


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))

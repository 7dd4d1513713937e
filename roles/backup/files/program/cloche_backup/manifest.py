"""What every table holds at one named moment: rows and a checksum, to be compared once it has been restored."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2 import extensions, sql

from .running import Failed

Manifest = dict[str, Any]
Connect = Callable[[str], Any]
#: Seconds in which a moment without a commit has to come.
PATIENCE = 60.0
#: Whatever changes how a row reads as text; and nothing ends a long look but itself.
_SETTINGS = (
    "TimeZone=UTC DateStyle=ISO IntervalStyle=postgres bytea_output=hex extra_float_digits=3 xmloption=content "
    "statement_timeout=0 lock_timeout=10s idle_in_transaction_session_timeout=0"
)
_TABLES = """
SELECT c.oid, n.nspname, c.relname, c.relfilenode, pg_relation_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND c.relispopulated
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname
"""
# Of the locks that writers hold until they are over.
_WRITTEN = """
SELECT d.datname, l.relation FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.granted AND l.locktype = 'relation'
  AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
# The sum does not depend on the order of the rows; the odd name can be no column's.
_ROWS = "SELECT count(*), coalesce(sum(hashtextextended((cloche_row.*)::text, 0)), 0)::text FROM ONLY {} AS cloche_row"
_SAMPLE = " TABLESAMPLE SYSTEM ({}) REPEATABLE (0)"


def connector(socket: str, port: int) -> Connect:
    """Return what connects to a database of a cluster through its socket, as postgres."""
    options = " ".join(f"-c {setting}" for setting in _SETTINGS.split())
    return lambda name: psycopg2.connect(host=socket, port=port, user="postgres", dbname=name, options=options)


def databases(connect: Connect) -> list[str]:
    """Return the names of the databases that hold somebody's data."""
    with closing(connect("postgres")) as session, session.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def take(connect: Connect, label: str, sample_mb: int) -> Manifest:
    """Return ``{label, point, at, databases}``: what a recovery to the restore point ``point`` has to show.

    ``databases`` maps names to ``{tables, unsure}``; ``tables`` are ``{schema, table, rows, sum, percent}``, of a table
    above ``sample_mb`` a part of its pages only, the same ones every time. ``unsure`` are names of tables that somebody
    was writing to, or changed before they were read. Nobody is kept waiting, but who wants to alter the very table
    that is being read. Failed where no moment without a commit comes, psycopg2.Error where the server fails.
    """
    sessions = {name: connect(name) for name in databases(connect)}
    watch = connect("postgres")
    watch.autocommit = True
    try:
        point, written = quiet_moment(sessions, watch, label)
        at = int(time.time())
        held = {name: _read(session, written.get(name, set()), sample_mb) for name, session in sessions.items()}
    finally:
        for session in (*sessions.values(), watch):
            session.close()
    return {"label": label, "point": point, "at": at, "databases": held}


def quiet_moment(sessions: dict[str, Any], watch: Any, label: str) -> tuple[str, dict[str, set[int]]]:
    """Name a moment of the write-ahead log, and let each session see exactly what was committed by then.

    A snapshot and a restore point are two calls, and a commit is in the log some time before others see it. So: all
    snapshots, then the point, then who holds locks for writing, then one more snapshot. Where all are the same, nobody
    has begun to write or ended between; what is under way may already be in the log, but still has its locks. Return
    the point, and of each database the tables that are written to.
    """
    until = time.monotonic() + PATIENCE
    attempt = 0
    while time.monotonic() < until:
        attempt += 1
        point = f"{label}.{attempt}"
        seen = {_snapshot(session) for session in sessions.values()}
        with watch.cursor() as cursor:
            cursor.execute("SELECT pg_create_restore_point(%s)", [point])
            cursor.execute(_WRITTEN)
            locks = cursor.fetchall()
            cursor.execute("SELECT pg_current_snapshot()::text")
            seen.add(cursor.fetchone()[0])
        if len(seen) == 1:
            written: dict[str, set[int]] = {}
            for database, table in locks:
                written.setdefault(database, set()).add(table)
            return point, written
        time.sleep(min(0.05, 0.001 * attempt))
    raise Failed(f"no moment without a commit within {PATIENCE:.0f} s: there is no manifest to prove a restore by")


def _snapshot(session: Any) -> str:
    session.rollback()
    session.set_session(isolation_level=extensions.ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
    with session.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return cursor.fetchone()[0]


def _read(session: Any, written: set[int], sample_mb: int) -> dict[str, Any]:
    with session.cursor() as cursor:
        cursor.execute(_TABLES)
        found = cursor.fetchall()
        tables, unsure = [], []
        for oid, schema, name, node, size in found:
            percent = 100.0 if (size or 0) <= sample_mb * 2**20 else round(100.0 * sample_mb * 2**20 / size, 4)
            held = None if oid in written else _rows(cursor, schema, name, percent)
            # To an older snapshot a table that was rewritten or truncated since is empty.
            cursor.execute("SELECT pg_relation_filenode(%s::oid)", [oid])
            if held and cursor.fetchone()[0] == node:
                tables.append({"schema": schema, "table": name, **held})
            else:
                unsure.append(f"{schema}.{name}")
        return {"tables": tables, "unsure": unsure}


def _rows(cursor: Any, schema: str, name: str, percent: float) -> dict[str, Any] | None:
    """Return what a table holds; None where it is gone or locked. No lock on it outlives the look."""
    query = sql.SQL(_ROWS + (_SAMPLE if percent < 100 else "")).format(
        sql.Identifier(schema, name), *([sql.Literal(percent)] if percent < 100 else [])
    )
    cursor.execute("SAVEPOINT look")
    try:
        cursor.execute(query)
        rows, total = cursor.fetchone()
        return {"rows": rows, "sum": total, "percent": percent}
    except psycopg2.Error:
        return None
    finally:
        cursor.execute("ROLLBACK TO SAVEPOINT look")


def differences(connect: Connect, manifest: Manifest) -> list[str]:
    """Return, in words, each table of a restored cluster that is not as the manifest says."""
    found = []
    for database, held in manifest["databases"].items():
        with closing(connect(database)) as session, session.cursor() as cursor:
            for wanted in held["tables"]:
                here = _rows(cursor, wanted["schema"], wanted["table"], wanted["percent"])
                if here is None or any(here[key] != wanted[key] for key in here):
                    name = f"{database} {wanted['schema']}.{wanted['table']}"
                    found.append(f"{name}: {_shown(here)}, where {_shown(wanted)} were expected")
    return found


def _shown(held: dict[str, Any] | None) -> str:
    return f"{held['rows']} rows with sum {held['sum']}" if held else "no rows that can be read"

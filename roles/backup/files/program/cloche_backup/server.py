"""A PostgreSQL of one's own over a data directory: no port, a socket that only root and postgres reach."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from .config import Postgres
from .manifest import Connect, connector
from .running import Failed, groups, last_words

#: Seconds that a recovery may take.
PATIENCE = 6 * 3600
_LOCAL = {"listen_addresses": "", "external_pid_file": "", "restart_after_crash": "off", "logging_collector": "off"}
#: A scratch cluster must reach nothing but itself, and may lose everything. The limits are as high as a cluster's that
#: recovers somebody's prepared transactions.
SCRATCH = {
    "archive_mode": "off", "hot_standby": "off", "fsync": "off", "autovacuum": "off", "shared_buffers": "64MB",
    "shared_preload_libraries": "", "max_connections": "20", "max_prepared_transactions": "1000",
    "max_worker_processes": "8", "synchronous_standby_names": "", "log_min_messages": "log",
}  # fmt: skip


def make_folder(path: Path) -> None:
    """Make a directory that is postgres' alone."""
    path.mkdir(mode=0o700)
    shutil.chown(path, "postgres", "postgres")


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """Give an empty directory for a scratch cluster, and remove it in the end."""
    shutil.rmtree(path, ignore_errors=True)
    make_folder(path)
    try:
        (path / "postgresql.conf").touch()
        (path / "pg_ident.conf").touch()
        (path / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def scratch_settings(folder: Path) -> dict[str, str]:
    """Return the settings of a cluster in a scratch folder."""
    files = {f"{kind}_file": str(folder / f"pg_{kind}.conf") for kind in ("hba", "ident")}
    return {**SCRATCH, **files, "config_file": str(folder / "postgresql.conf")}


@contextmanager
def recovered(postgres: Postgres, data: Path, place: Path, settings: dict[str, str]) -> Iterator[Connect]:
    """Run the server until recovery is over, give what connects to it, and stop it in the end.

    ``place`` holds its socket and its log. Failed, with the end of the log, where the server ends instead.
    """
    port = postgres.scratch_port
    everything = {**settings, **_LOCAL, "unix_socket_directories": str(place), "port": str(port)}
    argv = [postgres.server, "-D", str(data)]
    argv += [word for name, value in everything.items() for word in ("-c", f"{name}={value}")]
    log = place / "log"
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=place, user="postgres",
            group="postgres", extra_groups=groups("postgres"), umask=0o077, env=os.environ | {"LC_MESSAGES": "C"},
        )  # fmt: skip
    try:
        connect = connector(str(place), port)
        _await(process, connect, log)
        yield connect
    finally:
        _stop(process)


def _await(process: subprocess.Popen[bytes], connect: Connect, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Failed(f"recovery: {last_words(log.read_text(encoding='utf-8', errors='replace'))}")
        try:
            with closing(connect("postgres")) as session, session.cursor() as cursor:
                cursor.execute("SELECT pg_is_in_recovery()")
                if not cursor.fetchone()[0]:
                    return
        except psycopg2.Error:
            pass
        time.sleep(0.2)
    raise Failed(f"recovery has not ended within {PATIENCE} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=600)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait()

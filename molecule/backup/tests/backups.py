"""The host's backups: their verbs, what `make status` says of them, and a writer that never stops. Times in seconds."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from polling import until
from scenario_host import HOST, SCRATCH, play, run, shell

PASSPHRASE = (SCRATCH / "private/secrets/backup_passphrase").read_text().strip()
REPOSITORY = "/var/backups/repository"
#: Writes rows as fast as each is committed, and a line for each once it is: number, when it was sent, when confirmed.
WRITER = """
import sys, time, psycopg2
session = psycopg2.connect(host="/var/run/postgresql", user="postgres", dbname="garden")
with session.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY, padding text)")
    session.commit()
    n = int(time.time() * 1000000)
    while True:
        n += 1
        sent = time.time()
        cursor.execute("INSERT INTO written VALUES (%s, repeat('x', 200))", [n])
        session.commit()
        print(n, sent, time.time(), flush=True)
"""


def status() -> dict[str, Any]:
    """Return the document of `make status`; it must say red exactly where it fails."""
    result = run("status", "-e", "format=json", callback="answer")
    document = json.loads(result.stdout)
    assert (result.returncode == 0) == (document["level"] != "red"), result.stderr
    return document


def shown() -> dict[str, tuple[str, str]]:
    """Return level and note of each row of `make status` on backups."""
    return {entry["job"]: (entry["level"], entry["note"]) for entry in status()["hosts"][HOST]["backups"]}


def well() -> None:
    """Fail unless everything about backups is well."""
    assert {job: level for job, (level, _) in shown().items()} == dict.fromkeys(
        ("database", "files", "drill", "archive"), "ok"
    )


def listed() -> list[dict[str, Any]]:
    """Return what `make backups` lists as JSON."""
    answer = play("backups", "-e", "format=json", callback="answer")
    return json.loads(answer[answer.index("{") :])[HOST]


def back_up(kind: str = "") -> None:
    """Run `make backup`."""
    play("backup", "-e", f"backup_asked={kind}")


def drill() -> subprocess.CompletedProcess[str]:
    """Run `make restore-drill`, whatever comes of it."""
    return run("restore_drill")


def restore(at: str, what: str = "", *arguments: str) -> str:
    """Run `make restore`."""
    given = ["-e", json.dumps({"restore_at": at, "restore_what": what}), *arguments]
    return play("restore", *given, timeout=420)


def psql(query: str, database: str = "garden") -> str:
    """Return what a query prints."""
    return shell(f'psql --host=/var/run/postgresql --username=postgres -XAtqc "{query}" {database}').strip()


def moment(at: float) -> str:
    """Return a moment as a person gives it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def first_is_over() -> None:
    """Wait for what converging has begun in the background."""
    state = "systemctl show --property=ActiveState --value backup-first.service"
    until(lambda: shell(state).strip(), lambda found: found in ("inactive", "failed"), 120)


@contextmanager
def writing() -> Iterator[list[tuple[int, float, float]]]:
    """Write meanwhile; the list holds what was confirmed, in the end: number, when sent, when confirmed."""
    confirmed: list[tuple[int, float, float]] = []
    log = SCRATCH / "written"
    with log.open("w") as output:
        argv = ["docker", "exec", "-i", HOST, "python3", "-c", WRITER]
        writer = subprocess.Popen(argv, stdout=output, stderr=subprocess.DEVNULL)
    try:
        until(lambda: log.stat().st_size, bool, 10)
        yield confirmed
    finally:
        shell("pkill -f '[C]REATE TABLE IF NOT EXISTS written' || true")
        writer.wait(timeout=30)
        lines = [line.split() for line in log.read_text().splitlines()]
        confirmed += [(int(line[0]), float(line[1]), float(line[2])) for line in lines if len(line) == 3]


def settle() -> None:
    """Let a whole second begin."""
    time.sleep(1 - time.time() % 1)

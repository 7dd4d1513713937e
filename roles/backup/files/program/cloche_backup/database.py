"""The cluster's jobs: a backup with its manifest, and the drill that proves the newest."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import psycopg2

from . import manifest, pgbackrest, records
from .config import Config, Postgres
from .running import Failed, room_for
from .server import recovered, scratch_folder, scratch_settings

SOCKET = "/var/run/postgresql"
#: Seconds that a server under Patroni may take to begin.
PATIENCE = 300


def cluster(config: Config) -> Postgres:
    """Return the cluster of this host; Failed where there is none."""
    if config.postgres is None:
        raise Failed(f"there is no database on {config.host}")
    return config.postgres


def follows(postgres: Postgres) -> bool:
    """Return whether another server of the cluster leads, which then has the jobs; Failed where none answers here."""
    until = time.monotonic() + PATIENCE
    while postgres.several:
        try:
            with closing(manifest.connector(SOCKET, postgres.port)("postgres")) as session, session.cursor() as cursor:
                cursor.execute("SELECT pg_is_in_recovery()")
                return cursor.fetchone()[0]
        except psycopg2.Error as error:
            if time.monotonic() > until:
                raise Failed(str(error).strip()) from error
            time.sleep(2)
    return False


def back_up(config: Config, kind: str | None = None) -> dict[str, Any]:
    """Make a backup, full or differential as ``due`` or as told, with its manifest, and wait for the archive.

    Return ``{label, kind, bytes, stored, tables, unsure}``, or ``{follows}``. Where the manifest cannot be taken the
    backup is there, but the job has failed: nothing could prove it.
    """
    postgres = cluster(config)
    if follows(postgres):
        return {"follows": True}
    pgbackrest.call("stanza-create")
    wanted = kind or pgbackrest.due(pgbackrest.backups(), time.time(), postgres.full_days)
    pgbackrest.call("backup", f"--type={wanted}")
    newest = pgbackrest.backups()[-1]
    taken = manifest.take(manifest.connector(SOCKET, postgres.port), newest["label"], postgres.sample_mb)
    # The moment of the manifest has to be in the archive before anybody can go there.
    pgbackrest.call("check")
    folder = config.records / "manifests"
    records.write(folder / f"{newest['label']}.json", taken)
    kept = {backup["label"] for backup in pgbackrest.backups()}
    for path in folder.glob("*.json"):
        if path.stem not in kept:
            path.unlink()
    if newest["damaged"]:
        raise Failed(f"pages of the running cluster failed their checksum while {newest['label']} was made")
    shown = {key: newest[key] for key in ("label", "kind", "bytes", "stored")}
    return {**shown, **counted(taken)}


def counted(taken: manifest.Manifest) -> dict[str, int]:
    """Return how many tables a manifest answers for, and how many it does not."""
    held = taken["databases"].values()
    return {key: sum(len(database[key]) for database in held) for key in ("tables", "unsure")}


def prove(config: Config) -> dict[str, Any]:
    """Restore the newest backup beside the running cluster, to its manifest's moment, and compare every table.

    Return ``{label, tables, unsure, restore_seconds}``, or ``{follows}``. Failed with what differs. Nothing stays.
    """
    postgres = cluster(config)
    if follows(postgres):
        return {"follows": True}
    found = pgbackrest.backups()
    if not found:
        raise Failed("there is no backup that a drill could restore")
    newest = found[-1]
    taken = records.read(config.records / "manifests" / f"{newest['label']}.json")
    if not taken:
        raise Failed(f"there is no manifest of {newest['label']} on this host")
    room_for(postgres.scratch.parent, newest["bytes"])
    begun = time.monotonic()
    with scratch_folder(postgres.scratch) as folder:
        data = folder / "data"
        pgbackrest.call(
            "restore", f"--pg1-path={data}", f"--set={newest['label']}", "--type=name", f"--target={taken['point']}",
            "--target-action=promote", "--archive-mode=off",
        )  # fmt: skip
        with recovered(postgres, data, folder, scratch_settings(folder)) as connect:
            seconds = round(time.monotonic() - begun, 1)
            differ = manifest.differences(connect, taken)
    if differ:
        more = f" and {len(differ) - 3} more" if len(differ) > 3 else ""
        raise Failed(f"{newest['label']} is not what was backed up: {'; '.join(differ[:3])}{more}")
    return {"label": newest["label"], **counted(taken), "restore_seconds": seconds}

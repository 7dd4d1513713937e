"""The database's way back to a second."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from . import manifest, pgbackrest
from .config import Config, Postgres
from .database import SOCKET, cluster
from .moments import shown, stamp
from .running import Failed, room_for, run
from .server import make_folder, recovered

_STOPPED = re.compile(r"LOG: .*(recovery stopping (?:before|after) commit .*|last completed transaction was .*)")


def database(config: Config, at: float | None, timeline: str | None = None) -> dict[str, Any]:
    """Bring the cluster to a moment, or to the end of its archive; what was there is put aside.

    Recovery runs where no client reaches it; where it fails, everything is as it was. Return ``{aside, reached}``.
    One of several servers is left stopped: whoever stopped the others starts them all.
    ``timeline`` is one that an earlier restore has left, for a moment after that restore's own.
    """
    postgres = cluster(config)
    found = pgbackrest.backups()
    base = found[-1] if found and at is None else pgbackrest.before(found, at or 0)
    if base is None:
        first = f"the oldest ended at {shown(found[0]['stopped'])}" if found else "there is none at all"
        raise Failed(f"no backup had ended by then: {first}")
    if any(postgres.data.glob("pg_tblspc/*")):
        raise Failed(f"{postgres.data} has tablespaces, which cannot be put aside: restore it by hand")
    room_for(postgres.data.parent, base["bytes"])
    _commit_once(postgres)
    run(["systemctl", "stop", postgres.unit])
    try:
        return _exchange(postgres, lambda aside: _recover(postgres, aside, base, at, timeline))
    finally:
        if not postgres.several:
            run(["systemctl", "start", postgres.unit])
        run(["systemctl", "start", "--no-block", "backup-database.service"])


def _commit_once(postgres: Postgres) -> None:
    """Let the log hold a commit after the moment: recovery knows by the first that is too late that it is there."""
    try:
        with closing(manifest.connector(SOCKET, postgres.port)("postgres")) as session, session.cursor() as cursor:
            cursor.execute("SELECT txid_current()")
            session.commit()
    except psycopg2.Error:
        # It may be what a restore is needed for.
        pass


def _exchange(postgres: Postgres, work: Callable[[Path], str]) -> dict[str, Any]:
    aside = postgres.data.with_name(f"{postgres.data.name}.before-{stamp()}")
    there = postgres.data.exists()
    if there:
        postgres.data.rename(aside)
    try:
        make_folder(postgres.data)
        reached = work(aside)
    except BaseException:
        shutil.rmtree(postgres.data, ignore_errors=True)
        if there:
            aside.rename(postgres.data)
        raise
    return {"aside": str(aside) if there else "", "reached": reached}


def _recover(postgres: Postgres, aside: Path, base: pgbackrest.Backup, at: float | None, timeline: str | None) -> str:
    options = [f"--set={base['label']}", "--type=default"]
    if at is not None:
        options[1:] = ["--type=time", f"--target={shown(at)}", "--target-action=promote"]
    if timeline:
        options.append(f"--target-timeline={timeline}")
    pgbackrest.call("restore", *options)
    place = postgres.scratch
    shutil.rmtree(place, ignore_errors=True)
    make_folder(place)
    try:
        with recovered(postgres, postgres.data, place, _settings(postgres, aside)):
            said = _STOPPED.findall((place / "log").read_text(encoding="utf-8", errors="replace"))
        return "; ".join(said)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _settings(postgres: Postgres, aside: Path) -> dict[str, str]:
    """Return the cluster's own settings: the archive has to have where the new history begins.

    Patroni keeps them beside the data, where a backup brings those of its own time, or none.
    """
    if not postgres.several:
        return {"config_file": str(postgres.configuration / "postgresql.conf")}
    files = {f"{kind}_file": str(aside / f"pg_{kind}.conf") for kind in ("hba", "ident")}
    return {"config_file": str(aside / "postgresql.conf"), "hot_standby": "off", **files}

"""The verbs: each prints one JSON document, and exits with 1 where it failed."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from . import config as configuration
from . import files, pgbackrest, records, restic
from .config import Config
from .moments import moment
from .running import Failed


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="backup", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("backup", help="the database and everything else, now").add_argument(
        "--kind", choices=["full", "diff"], help="of the database's; without, as it is due"
    )
    verbs.add_parser("database", help="what its timer does: back the database up")
    verbs.add_parser("files", help="what its timer does: snapshots of everything else")
    verbs.add_parser("drill", help="restore the newest of everything beside it, and compare")
    verbs.add_parser("promoted", help="back the database up where this member has begun to lead")
    verbs.add_parser("first", help="a backup of what has none, then a drill")
    verbs.add_parser("list", help="what can be restored")
    restore = verbs.add_parser("restore", help="bring back")
    restore.add_argument("--at", required=True)
    restore.add_argument("--what", required=True, help="database, media, redis, rabbitmq; several with commas")
    restore.add_argument("--timeline")
    return top


def main(arguments: list[str]) -> int:
    """Run a verb."""
    options = parser().parse_args(arguments)
    config = configuration.read()
    if options.verb == "list":
        print(json.dumps(listed(config)))
        return 0
    with records.alone(config.records):
        if options.verb == "restore":
            return _restore(config, options)
        done = JOBS[options.verb](config, options)
    print(json.dumps(done, indent=1))
    return int(any(record["outcome"] == "failed" for record in done))


def _back_up(config: Config, options: argparse.Namespace) -> list[dict[str, Any]]:
    return _database(config, options) + _files(config, options)


def _database(config: Config, options: argparse.Namespace) -> list[dict[str, Any]]:
    if config.postgres is None:
        return []
    # Not at the top: only hosts with a database have psycopg2.
    from . import database

    kind = getattr(options, "kind", None)
    return [records.recorded(config.records, "database", lambda: database.back_up(config, kind))]


def _files(config: Config, options: argparse.Namespace, *, only_new: bool = False) -> list[dict[str, Any]]:
    if not config.sources:
        return []
    return [records.recorded(config.records, "files", lambda: files.back_up(config, only_new=only_new))]


def _drill(config: Config, options: argparse.Namespace) -> list[dict[str, Any]]:
    def work() -> dict[str, Any]:
        proven = {}
        if config.postgres:
            from . import database

            proven["database"] = database.prove(config)
        if config.sources:
            proven["files"] = files.prove(config)
        return proven

    return [records.recorded(config.records, "drill", work)]


def _promoted(config: Config, options: argparse.Namespace) -> list[dict[str, Any]]:
    """What the former leader had not archived when it was lost is in no archive: a new backup ends that gap."""
    from . import database

    followed = records.read(config.records / "database.json").get("follows")
    return _database(config, options) if followed and not database.follows(database.cluster(config)) else []


def _first(config: Config, options: argparse.Namespace) -> list[dict[str, Any]]:
    """What the host before this one had backed up nobody can compare: there is a drill where all is this one's own."""
    done = _database(config, options) + _files(config, options, only_new=True)
    own = all(record["outcome"] == "done" and not record.get("held") for record in done)
    return done + (_drill(config, options) if own else [])


JOBS: dict[str, Callable[[Config, argparse.Namespace], list[dict[str, Any]]]] = {
    "backup": _back_up, "database": _database, "files": _files, "drill": _drill, "first": _first,
    "promoted": _promoted,
}  # fmt: skip


def _restore(config: Config, options: argparse.Namespace) -> int:
    """Bring back what was named and print ``[{source, aside, reached}]``, or why not."""
    done: list[dict[str, Any]] = []
    why = ""
    try:
        at = moment(options.at, time.time())
        for kind in options.what.split(","):
            if kind != "database":
                done += files.restore(config, kind, at)
            elif config.postgres:
                from . import restoring

                done.append({"source": kind, **restoring.database(config, at, options.timeline)})
    except (Failed, OSError) as error:
        why = str(error)
    print(json.dumps({"restored": done, "why": why}))
    return int(bool(why))


def listed(config: Config) -> list[dict[str, Any]]:
    """Return ``{what, kind, id, at, bytes, stored}`` of every backup, oldest first; a size may be None."""
    found = []
    if config.postgres and config.postgres.listed:
        for backup in pgbackrest.backups():
            shown = {key: backup[key] for key in ("kind", "bytes", "stored")}
            found.append({"what": "database", "id": backup["label"], "at": backup["stopped"], **shown})
    held = files.known(config)
    for snapshot in restic.snapshots(config) if config.sources else []:
        sizes = held.get(snapshot["id"], {})
        found.append(
            {
                "what": f"{snapshot['kind']} {snapshot['name']}", "id": snapshot["id"], "at": snapshot["at"],
                "kind": "snapshot", "bytes": sizes.get("bytes"), "stored": sizes.get("stored"),
            }
        )  # fmt: skip
    return sorted(found, key=lambda entry: entry["at"])

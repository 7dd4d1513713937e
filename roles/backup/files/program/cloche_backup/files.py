"""The jobs of what is not the database: a snapshot of each source, and the drill that restores the newest of each."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

from . import records, restic, sources
from .config import Config, Source
from .moments import shown, stamp
from .running import Failed, room_for


def back_up(config: Config, *, only_new: bool = False) -> dict[str, Any]:
    """Make a snapshot of each source, then forget old ones. Return ``{snapshots, bytes, stored, missing, held}``.

    ``missing`` are sources of which nothing is there. With ``only_new`` those that have a snapshot, ``held``, get no
    other: of a fresh host in a lost one's place the newest would be empty. One that fails does not keep the others
    from theirs; Failed in the end.
    """
    restic.prepare(config)
    made, missing, held, failed = [], [], [], []
    before = restic.snapshots(config) if only_new else []
    for source in config.sources:
        if restic.newest(before, source):
            held.append(str(source))
            continue
        if not sources.there(source):
            missing.append(str(source))
            continue
        try:
            with sources.OPEN[source.kind](config, source) as path:
                made.append(restic.back_up(config, source, path))
        except (Failed, OSError) as error:
            failed.append(f"{source}: {error}")
    restic.forget(config)
    _remember(config, made)
    if failed:
        raise Failed("; ".join(failed))
    figures = {key: sum(snapshot[key] for snapshot in made) for key in ("bytes", "stored")}
    return {"snapshots": len(made), **figures, "missing": missing, "held": held}


def _remember(config: Config, made: list[restic.Snapshot]) -> None:
    """Keep what each snapshot held, which restic itself does not tell afterwards, while there is the snapshot."""
    path = config.records / "snapshots.json"
    here = {snapshot["id"] for snapshot in restic.snapshots(config)}
    known = records.read(path) | {snapshot["id"]: snapshot for snapshot in made}
    records.write(path, {name: snapshot for name, snapshot in known.items() if name in here})


def known(config: Config) -> dict[str, restic.Snapshot]:
    """Return what is remembered of each snapshot, by its id."""
    return records.read(config.records / "snapshots.json")


def prove(config: Config) -> dict[str, Any]:
    """Restore the newest snapshot of each source beside it and compare what it has. Return ``{snapshots}``."""
    found, held = restic.snapshots(config), known(config)
    proven = 0
    for source in config.sources:
        snapshot = restic.newest(found, source)
        if snapshot is None:
            if sources.there(source):
                raise Failed(f"there is no snapshot of {source}")
            continue
        _compare(config, source, snapshot, held.get(snapshot["id"]))
        proven += 1
    return {"snapshots": proven}


def _compare(config: Config, source: Source, snapshot: restic.Snapshot, wanted: restic.Snapshot | None) -> None:
    if wanted is None:
        raise Failed(f"nothing is known on this host of what snapshot {snapshot['id']} of {source} held")
    folder = sources.staging(config, source, "drill")
    shutil.rmtree(folder, ignore_errors=True)
    room_for(config.records if source.kind == "rabbitmq" else source.path.parent, wanted["bytes"])
    try:
        here = figures(restic.restore(config, snapshot, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if here != (wanted["files"], wanted["bytes"]):
        expected = f"{wanted['files']} files with {wanted['bytes']} bytes were expected"
        raise Failed(f"snapshot {snapshot['id']} of {source}: {here[0]} files with {here[1]} bytes, where {expected}")


def figures(path: Path) -> tuple[int, int]:
    """Return how many files and links are below a path, and the bytes of the files."""
    found = [file.lstat() for file in path.rglob("*") if file.is_file() or file.is_symlink()]
    return len(found), sum(entry.st_size for entry in found if stat.S_ISREG(entry.st_mode))


def restore(config: Config, kind: str, at: float | None) -> list[dict[str, Any]]:
    """Bring every source of a kind to its newest snapshot before a moment. Return ``{source, aside, reached}`` of each.

    All are restored before the first takes its place.
    """
    found, now = restic.snapshots(config), stamp()
    ready: list[tuple[Source, Path, Path, restic.Snapshot]] = []
    try:
        for source in (source for source in config.sources if source.kind == kind):
            snapshot = restic.newest(found, source, at)
            if snapshot is None:
                raise Failed(f"there is no snapshot of {source} by then")
            folder = sources.staging(config, source, now)
            ready.append((source, folder, restic.restore(config, snapshot, folder), snapshot))
        return [
            {
                "source": str(source), "aside": str(sources.put_back(config, source, restored, now)),
                "reached": f"snapshot {snapshot['id']} of {shown(snapshot['at'])}",
            }
            for source, _, restored, snapshot in ready
        ]  # fmt: skip
    finally:
        for _, folder, _, _ in ready:
            shutil.rmtree(folder, ignore_errors=True)

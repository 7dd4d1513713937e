"""The program that makes backups, as far as it goes without PostgreSQL and restic; the rest is molecule/backup's."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "roles/backup/files/program"))

from cloche_backup import config, files, moments, pgbackrest, records, restic, running, sources

DAY = 86400
INFO = [
    {
        "name": "main",
        "backup": [
            {
                "label": "20261101-020000F", "type": "full", "timestamp": {"start": 90, "stop": 100}, "error": False,
                "info": {"size": 4000, "delta": 4000, "repository": {"delta": 900, "size": 900}},
            },
            {
                "label": "20261101-020000F_20261102-020000D", "type": "diff", "timestamp": {"start": 190, "stop": 200},
                "info": {"size": 4100, "delta": 10, "repository": {"delta": 5}}, "error": True,
            },
        ],
    }
]  # fmt: skip


@pytest.fixture
def told(tmp_path):
    source = config.Source("media", "garden", tmp_path / "shared")
    return config.Config("lab", 14, None, [source], str(tmp_path / "repository"), records=tmp_path / "records")


def test_backups_are_read_from_pgbackrest():
    found = pgbackrest.described(json.dumps(INFO))
    assert [(b["kind"], b["stopped"], b["bytes"], b["stored"], b["damaged"]) for b in found] == [
        ("full", 100, 4000, 900, False),
        ("diff", 200, 4100, 5, True),
    ]
    assert pgbackrest.described("[]") == []


@pytest.mark.parametrize(("age", "kind"), [(None, "full"), (1, "diff"), (6.4, "diff"), (6.6, "full"), (30, "full")])
def test_a_full_backup_is_due_weekly_and_a_differential_one_between(age, kind):
    """Half a day early, as the timer's delay is by chance: the eighth night would be a day late."""
    found = [] if age is None else [{"kind": "full", "stopped": -age * DAY}, {"kind": "diff", "stopped": -1}]
    assert pgbackrest.due(found, 0, 7) == kind


@pytest.mark.parametrize(("at", "stopped"), [(99, None), (100, 100), (199, 100), (500, 200)])
def test_a_moment_is_reached_from_a_backup_that_had_ended(at, stopped):
    base = pgbackrest.before(pgbackrest.described(json.dumps(INFO)), at)
    assert (base and base["stopped"]) == stopped


def test_snapshots_are_read_from_restic():
    elsewhere = "2026-11-30T12:00:00.123456789+01:00"
    listed = [
        {"short_id": "b", "tags": ["redis", "garden-state"], "time": elsewhere, "paths": ["/r"]},
        {"short_id": "a", "tags": ["media", "garden"], "time": "2026-11-30T10:00:00Z", "paths": ["/m"]},
        {"short_id": "c", "tags": None, "time": "2026-11-30T10:00:00Z", "paths": ["/somebody-else"]},
    ]
    found = restic.described(json.dumps(listed))
    assert [(s["id"], s["kind"]) for s in found] == [("a", "media"), ("b", "redis")]
    assert found[1]["at"] - found[0]["at"] == 3600
    assert restic.described("null") == []


def test_the_newest_snapshot_by_then_is_taken():
    source = config.Source("media", "garden", Path("/m"))
    own = {"kind": "media", "name": "garden"}
    found = [own | {"at": 10}, own | {"at": 20}, own | {"name": "x", "at": 30}]
    ages = [restic.newest(found, source, at) for at in (5, 19, None)]
    assert [snapshot and snapshot["at"] for snapshot in ages] == [None, 10, 20]


@pytest.mark.parametrize(
    ("text", "at"), [("1970-01-01 00:01:40", 100), ("1970-01-01 01:01:40+01:00", 100), ("latest", None)]
)
def test_moments_are_utc_unless_they_say_otherwise(text, at):
    assert moments.moment(text, 1000) == at


@pytest.mark.parametrize("text", ["soon", "1970-01-01 00:20:00"])
def test_a_moment_must_be_one_and_be_over(text):
    with pytest.raises(running.Failed):
        moments.moment(text, 1000)


def test_a_failure_is_recorded_and_the_last_success_stays(told):
    def fail() -> dict:
        raise running.Failed("no room")

    first = records.recorded(told.records, "database", lambda: {"label": "1"})
    second = records.recorded(told.records, "database", fail)
    assert (first["outcome"], first["label"], first["why"]) == ("done", "1", "")
    assert (second["outcome"], second["why"], second["succeeded"]) == ("failed", "no room", first["succeeded"])
    assert records.read(told.records / "database.json") == second
    assert (told.records / "database.json").stat().st_mode & 0o077 == 0


def test_one_job_at_a_time(told):
    order = []

    def other() -> None:
        with records.alone(told.records):
            order.append("second")

    with records.alone(told.records):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.5)
        order.append("first")
        with pytest.raises(TimeoutError), records.alone(told.records, 0.3):
            pass
    thread.join()
    assert order == ["first", "second"]


def test_a_secret_of_restic_is_in_its_environment_alone(told, tmp_path, monkeypatch):
    fake = tmp_path / "restic"
    lines = ["#!/bin/sh", 'echo "$@" > arguments', 'echo "$RESTIC_PASSWORD $RESTIC_REPOSITORY" > given']
    fake.write_text("\n".join(line.replace("> ", f"> {tmp_path}/") for line in lines))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    secret = config.Config("lab", 14, None, [], "/r", ["-o", "x=y"], {"RESTIC_PASSWORD": "hidden"})
    restic.call(secret, "snapshots")
    assert (tmp_path / "arguments").read_text() == "-o x=y snapshots\n"
    assert (tmp_path / "given").read_text() == "hidden /r\n"


def test_a_program_that_fails_is_quoted_by_its_errors():
    script = "echo starting; echo 'P00  ERROR: [055]: no stanza' >&2; echo bye >&2; exit 3"
    with pytest.raises(running.Failed, match=r"sh: P00  ERROR: \[055\]: no stanza$"):
        running.run(["/bin/sh", "-c", script])


def append_only(data: Path, number: int) -> None:
    """Write the files that Redis has, as a rewrite replaces them."""
    folder = data / "appendonlydir"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / f"a.{number}.base.rdb").write_text("base")
    (folder / f"a.{number}.incr.aof").write_text("more")
    (folder / "a.manifest").write_text(f"file a.{number}.base.rdb")


def test_redis_files_are_linked_as_one_set(told, tmp_path):
    """What Redis removes meanwhile is still there; nothing is left behind."""
    source = config.Source("redis", "garden-state", tmp_path / "garden-state")
    append_only(source.path, 1)
    with sources.OPEN["redis"](told, source) as place:
        append_only(source.path, 2)
        kept = {file.name: file.read_text() for file in (place / "appendonlydir").iterdir()}
    assert kept == {"a.1.base.rdb": "base", "a.1.incr.aof": "more", "a.manifest": "file a.1.base.rdb"}
    assert not place.exists()


def test_redis_files_of_two_sets_are_no_copy(told, tmp_path, monkeypatch):
    """The set was replaced between the first look and the last: the copy is made again."""
    source = config.Source("redis", "garden-state", tmp_path / "garden-state")
    append_only(source.path, 1)
    real, times = os.link, []

    def link(from_: str, to: str, **options) -> None:
        real(from_, to, **options)
        if not times:
            times.append(1)
            append_only(source.path, 2)

    monkeypatch.setattr(sources.os, "link", link)
    monkeypatch.setattr(sources.time, "sleep", lambda _: None)
    with sources.OPEN["redis"](told, source) as place:
        names = {file.name for file in (place / "appendonlydir").iterdir()}
    assert names == {"a.2.base.rdb", "a.2.incr.aof", "a.manifest"}


def test_what_was_there_is_put_aside_and_never_removed(told, tmp_path):
    (source,) = told.sources
    source.path.mkdir()
    (source.path / "old").touch()
    restored = tmp_path / "restored"
    restored.mkdir()
    (restored / "new").touch()
    aside = sources.put_back(told, source, restored, "20261130T120000")
    assert aside == tmp_path / "shared.before-20261130T120000"
    assert [(p.name, [f.name for f in p.iterdir()]) for p in (source.path, aside)] == [
        ("shared", ["new"]),
        ("shared.before-20261130T120000", ["old"]),
    ]


def test_what_was_there_is_back_where_the_exchange_fails(told, tmp_path):
    (source,) = told.sources
    source.path.mkdir()
    (source.path / "old").touch()
    with pytest.raises(OSError):
        sources.put_back(told, source, tmp_path / "nothing", "20261130T120000")
    assert (source.path / "old").exists()


def test_files_are_counted_with_their_bytes(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below/one").write_text("12345")
    (tmp_path / "link").symlink_to("nowhere")
    assert files.figures(tmp_path) == (2, 5)


def test_one_source_that_fails_does_not_keep_the_others_from_theirs(told, tmp_path, monkeypatch):
    several = [config.Source("media", name, tmp_path / name) for name in ("broken", "good", "gone")]
    for source in several[:2]:
        source.path.mkdir()
    made = []

    def back_up(_, source, path) -> dict:
        if source.name == "broken":
            raise running.Failed("cannot be read")
        made.append(source.name)
        return {"id": source.name, "bytes": 1, "stored": 1, "files": 1}

    for name, fake in {"prepare": None, "forget": None, "snapshots": [{"id": "good"}]}.items():
        monkeypatch.setattr(files.restic, name, lambda _, fake=fake: fake)
    monkeypatch.setattr(files.restic, "back_up", back_up)
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(running.Failed, match="media broken: cannot be read"))
        files.back_up(config.Config("lab", 14, None, several, "/r", records=told.records))
    assert made == ["good"]
    assert set(files.known(told)) == {"good"}


def test_bindings_of_queues_that_are_not_exported_are_not_imported():
    queue = {"vhost": "garden", "name": "default"}
    kept = {"vhost": "garden", "destination": "default", "destination_type": "queue"}
    exchange = {"vhost": "garden", "destination": "elsewhere", "destination_type": "exchange"}
    gone = [kept | {"destination": "celeryev.1"}, kept | {"vhost": "orchard"}]
    text = json.dumps({"queues": [queue], "bindings": [kept, *gone, exchange], "users": []})
    assert json.loads(sources.importable(text)) == {"queues": [queue], "bindings": [kept, exchange], "users": []}

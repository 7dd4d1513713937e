"""What `make status` finds of backups: their jobs' records, and what waits to be archived."""

from __future__ import annotations

import json
import os

import pytest
from ansible.module_utils.status import backups

NOW = 1_795_265_600


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Give the place of the records, of a host that was told to make backups an hour ago."""
    monkeypatch.setattr(backups, "RECORDS", tmp_path)
    monkeypatch.setattr(backups, "CONFIGURATION", tmp_path / "backup.json")
    monkeypatch.setattr(backups, "CLUSTERS", tmp_path / "clusters")
    (tmp_path / "backup.json").touch()
    os.utime(tmp_path / "backup.json", (NOW - 3600, NOW - 3600))
    return tmp_path


def test_a_job_is_known_by_its_record(kept):
    record = {"outcome": "failed", "succeeded": NOW - 90, "why": "no room", "label": "1F", "missing": ["media garden"]}
    (kept / "files.json").write_text(json.dumps(record))
    files, drill = backups.look(["files", "drill"], NOW)
    assert files == {
        "job": "files", "outcome": "failed", "seconds": 90, "waiting": 3600, "label": "1F", "why": "no room",
        "missing": ["media garden"], "follows": False,
    }  # fmt: skip
    assert (drill["outcome"], drill["seconds"], drill["waiting"]) == ("", None, 3600)


@pytest.mark.parametrize("record", [{"follows": True}, {"database": {"follows": True}, "files": {"snapshots": 2}}])
def test_a_job_that_was_left_to_the_leader_says_so(kept, record):
    (kept / "drill.json").write_text(json.dumps(record | {"outcome": "done", "succeeded": NOW - 90}))
    assert backups.look(["drill"], NOW)[0]["follows"]


def test_the_archive_waits_as_long_as_its_oldest_segment(kept):
    def waits() -> int:
        return backups.look(["database"], NOW)[-1]["seconds"]

    assert waits() == 0
    folder = kept / "clusters/17/main/pg_wal/archive_status"
    folder.mkdir(parents=True)
    for name, age in (("1.ready", 50), ("2.ready", 500), ("3.done", 5000)):
        (folder / name).touch()
        os.utime(folder / name, (NOW - age, NOW - age))
    assert waits() == 500

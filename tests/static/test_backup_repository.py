"""A repository of restic is made where there is none, and what it has of another host is not buried."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "roles/backup/files/program"))

from cloche_backup import config, files, restic, running


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("restic: Fatal: repository does not exist: unable to open config file", True),
        ("restic: Fatal: unable to open config file: stat /r/config: no such file or directory", True),
        ("restic: Fatal: wrong password or no key found", False),
    ],
    ids=["0.18", "0.14", "another password"],
)
def test_a_repository_is_made_only_where_there_is_none(words, made, monkeypatch):
    asked = []

    def call(_, *arguments: str) -> str:
        asked.append(arguments)
        if arguments == ("cat", "config"):
            raise running.Failed(words)
        return ""

    monkeypatch.setattr(restic, "call", call)
    with nullcontext() if made else pytest.raises(running.Failed):
        restic.prepare(config.Config("lab", 14, None, [], "/r"))
    assert (("init",) in asked) is made


def test_a_host_in_a_lost_ones_place_begins_with_no_snapshot_of_its_own_emptiness(monkeypatch, tmp_path):
    both = [config.Source("media", name, Path("/m")) for name in ("garden", "orchard")]
    fresh = config.Config("lab", 14, None, both, "/r", records=tmp_path)
    looked, held = [], [{"id": "a", "kind": "media", "name": "garden", "at": 1}]
    monkeypatch.setattr(restic, "prepare", lambda config: None)
    monkeypatch.setattr(restic, "forget", lambda config: None)
    monkeypatch.setattr(restic, "snapshots", lambda config: held)
    monkeypatch.setattr(files.sources, "there", lambda source: looked.append(source.name))
    assert files.back_up(fresh, only_new=True)["held"] == ["media garden"]
    assert looked == ["orchard"]
    assert files.back_up(fresh)["held"] == []
    assert looked == ["orchard", "garden", "orchard"]

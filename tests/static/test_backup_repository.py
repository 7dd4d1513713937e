"""A repository of restic is made where there is none, and nowhere else."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "roles/backup/files/program"))

from cloche_backup import config, restic, running


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

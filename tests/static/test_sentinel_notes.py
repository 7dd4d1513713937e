"""Another configuration of Sentinel leaves it what it has noted of who leads, which stands nowhere else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

BASE = "port 0\ntls-port 26379\nsentinel sentinel-user cloche-sentinel\nsentinel sentinel-pass new\n"
NOTES = "sentinel myid 4a8e\nsentinel monitor garden-state 192.0.2.1 6381 2\nsentinel auth-pass garden-state x\n"
OURS = "port 26379\nsentinel sentinel-user cloche-sentinel\nsentinel sentinel-pass old\nuser default off\n" + NOTES
PACKAGES = "port 26379\nsentinel monitor mymaster 127.0.0.1 6379 2\n"


@pytest.mark.parametrize(("before", "after"), [(OURS, BASE + NOTES), (PACKAGES, BASE), (None, BASE)])
def test_notes_are_kept_and_examples_are_not(tmp_path: Path, before: str | None, after: str):
    (tmp_path / "base").write_text(BASE)
    if before is not None:
        (tmp_path / "conf").write_text(before)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/chown").symlink_to("/bin/true")
    subprocess.run(
        ["sh", ROOT / "roles/redis/files/with-notes", "base", "conf"], cwd=tmp_path, check=True, timeout=20,
        env=os.environ | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
    )  # fmt: skip
    assert (tmp_path / "conf").read_text() == after
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "bin", "conf"]

"""A bundle is judged by the same rules on a Python without filters (Debian 12); a release that is here does as well."""

from __future__ import annotations

import io
import json
import sys
import tarfile

import pytest
from action_samples import call
from ansible.module_utils.release import staging
from ansible.module_utils.release.layout import Layout
from conftest import plugin


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.uid, info.uname, info.mode = kind, target, 1000, "someone", 0o6777
    return info


OUTSIDE = {
    "absolute": member("/etc/passwd"),
    "upwards": member("source/../../passwd"),
    "link upwards": member("link", tarfile.SYMTYPE, "../passwd"),
    "absolute link": member("link", tarfile.SYMTYPE, "/etc/passwd"),
    "hard link upwards": member("link", tarfile.LNKTYPE, "../passwd"),
    "device": member("null", tarfile.CHRTYPE),
}


@pytest.mark.parametrize("info", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_what_leads_out_of_the_bundle_is_refused(info, tmp_path, monkeypatch):
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    bundle = tmp_path / "garden-1.tar"
    with tarfile.open(bundle, "w") as tar:
        tar.addfile(member("wheels/cp311-x86_64/a.whl"))
        tar.addfile(info)
    with pytest.raises(staging.StagingError, match="not a file inside the bundle"):
        staging.unpack(bundle, tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_the_rest_is_unpacked_without_its_owner_and_special_modes(tmp_path, monkeypatch):
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    bundle = tmp_path / "garden-1.tar"
    with tarfile.open(bundle, "w") as tar:
        for info in (member("wheels/cp311-x86_64/a.whl"), member("source/a/link", tarfile.SYMTYPE, "../manage.py")):
            tar.addfile(info, io.BytesIO())
    staging.unpack(bundle, tmp_path / "scratch")
    wheel = (tmp_path / "scratch/wheels/cp311-x86_64/a.whl").stat()
    assert (wheel.st_mode & 0o7777, wheel.st_uid) == (0o755, (tmp_path / "scratch").stat().st_uid)
    assert (tmp_path / "scratch/source/a/link").is_symlink()


LIVE, MOVED = "20261102000000-bbbbbbb-222222", "20261102000000-bbbbbbb-333333"


@pytest.fixture
def layout(tmp_path):
    """Return the places of an application with one release, which was compiled and has filled a folder."""
    layout = Layout("garden", tmp_path)
    release = layout.release(LIVE)
    (release / "source/pkg/__pycache__").mkdir(parents=True)
    (release / "source/pkg/plant.py").write_text("HEIGHT = 1\n")
    (release / "source/pkg/__pycache__/plant.cpython-00.pyc").touch()
    (release / "source/link").symlink_to("pkg")
    (release / "static").mkdir()
    (layout.venv("v1") / "bin").mkdir(parents=True)
    (layout.venv("v1") / "bin/python").symlink_to(sys.executable)
    (release / "venv").symlink_to(layout.venv("v1"))
    (release / staging.STAGED).write_text(json.dumps({"id": LIVE.rpartition("-")[0]}))
    return layout


def test_a_release_of_the_same_bundle_is_found_and_no_other(layout):
    assert staging.twin(layout, MOVED, "v1") == layout.release(LIVE)
    assert staging.twin(layout, MOVED, "v2") is None
    assert staging.twin(layout, "20261102000000-ccccccc-333333", "v1") is None
    (layout.release(LIVE) / staging.STAGED).unlink()
    assert staging.twin(layout, MOVED, "v1") is None


def test_without_a_bundle_the_source_of_that_release_is_taken(layout):
    """Compiled anew, as a traceback names the file; what the release has filled is its own."""
    assert staging.stage(layout, layout.release(LIVE), MOVED, "cp313-x86_64", sys.executable, "v1", [])
    made = layout.release(MOVED)
    assert staging.is_staged(layout, MOVED)
    assert (made / "source/pkg/plant.py").read_text() == "HEIGHT = 1\n"
    assert (made / "source/link").is_symlink()
    assert (made / "venv").resolve() == layout.venv("v1").resolve()
    assert json.loads((made / staging.STAGED).read_text())["id"] == LIVE.rpartition("-")[0]
    [compiled] = (made / "source/pkg/__pycache__").iterdir()
    assert str(made / "source/pkg/plant.py").encode() in compiled.read_bytes()
    assert not (made / "static").exists()
    assert sorted(path.name for path in (layout.home / "releases").iterdir()) == [LIVE, MOVED]


def test_where_the_controller_has_no_bundle_the_host_is_told_so_at_once(monkeypatch):
    action, asked = plugin("action/release_stage"), []
    # It makes a temporary directory on the host.
    monkeypatch.setattr(action.ActionBase, "run", lambda *_: {})
    arguments = {"app": "garden", "id": MOVED, "bundle": "", "kind": "cp313-x86_64", "venv": "v1"}
    call(action, lambda given: asked.append(given) or {"changed": True}, arguments)
    assert asked == [{key: arguments[key] for key in ("app", "id", "kind", "venv")} | {"wheels": {}, "again": True}]

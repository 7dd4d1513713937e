"""Where Python has no extraction filters (Debian 12) a bundle is judged by the same rules."""

from __future__ import annotations

import io
import tarfile

import pytest
from ansible.module_utils.release import staging


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

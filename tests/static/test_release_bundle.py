"""A bundle is whole, anonymous and used again; staging it on a host is all or nothing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile

import pytest
from ansible.module_utils.release import bundle, source, staging
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.targets import Target
from release_samples import MEANS, TARGET, host_layout, pack, project, wheel, wheels

OTHER = Target("3.13", "aarch64", "2.41")


@pytest.fixture
def tree(tmp_path):
    return project(
        tmp_path / "garden", "core/views.py", *(f"core/migrations/{name}.py" for name in ("0001_initial", "__init__"))
    )


@pytest.fixture
def house(tmp_path):
    return wheels(tmp_path / "cache" / f"{TARGET.name}-abc")


@pytest.fixture
def layout(tmp_path):
    return host_layout(tmp_path / "host")


def stage(layout, path, identifier="1", venv="v1", kind=TARGET.name, writable=()):
    return staging.stage(layout, path, identifier, kind, sys.executable, venv, list(writable))


def on_host(layout):
    """Return what staging leaves in the application's directories."""
    found = [*layout.home.glob("releases/*"), *layout.home.glob("venvs/*"), *layout.home.glob(".*")]
    return sorted(str(path.relative_to(layout.home)) for path in found)


# --- the bundle -----------------------------------------------------------------------------------------------------


def test_every_input_makes_another_bundle(tmp_path, tree):
    first = source.read_tree(tree)
    (tree / "manage.py").chmod(0o755)
    second = source.read_tree(tree)
    wanted = Requirements(tree, "trowel")
    inputs = [
        (first, [], wanted, [TARGET], MEANS),
        (second, [], wanted, [TARGET], MEANS),
        (first, ["npm run build"], wanted, [TARGET], MEANS),
        (first, ["npm run build", "true"], wanted, [TARGET], MEANS),
        (first, [], Requirements(tree, "spade"), [TARGET], MEANS),
        (first, [], Requirements(tree, "trowel", install="1.0", source="digest 1.0"), [TARGET], MEANS),
        (first, [], wanted, [TARGET, OTHER], MEANS),
        (first, [], wanted, [TARGET], Means("uv==0.2")),
        (first, [], wanted, [TARGET], Means("uv==0.1", packages=("gcc",))),
        (first, [], wanted, [TARGET], Means("uv==0.1", index=PackageIndex({"url": "https://packages.invalid"}))),
    ]
    digests = [bundle.inputs_digest(*entry) for entry in inputs]
    assert len(set(digests)) == len(inputs)
    assert [bundle.inputs_digest(*entry) for entry in inputs] == digests


def test_an_untouched_tree_finds_its_bundle_again(tmp_path, tree, house):
    path, manifest = pack(tmp_path / "dist", tree, house)
    assert bundle.find(path.parent, "garden", manifest["inputs"]) == manifest
    assert bundle.find(path.parent, "garden", "1" * 64) is None
    assert bundle.find(path.parent, "orchard", manifest["inputs"]) is None
    path.unlink()
    assert bundle.find(path.parent, "garden", manifest["inputs"]) is None


def test_the_manifest_describes_the_release(tmp_path, tree, house):
    _, manifest = pack(tmp_path / "dist", tree, house)
    assert manifest["id"].endswith(f"-{source.read_tree(tree).revision}")
    assert manifest["migrations"] == ["core.0001_initial"]
    assert manifest["venvs"] == {TARGET.name: house.name}
    assert set(manifest["wheels"][TARGET.name]) == {file.name for file in house.glob("*.whl")}


def test_members_are_root_s_and_nobody_else_writes_them(tmp_path, tree, house):
    (tree / "manage.py").chmod(0o777)
    (tree / "core" / "views.py").chmod(0o606)
    path, _ = pack(tmp_path / "dist", tree, house)
    with tarfile.open(path) as tar:
        members = {member.name: member for member in tar}
    assert {(member.uid, member.gid) for member in members.values()} == {(0, 0)}
    assert {member.uname for member in members.values()} <= {"root", ""}
    assert not [name for name, member in members.items() if member.mode & 0o022]
    modes = [members[f"source/{name}"].mode for name in ("manage.py", "core/views.py")]
    assert modes == [0o755, 0o644]


def test_a_build_that_breaks_off_leaves_no_bundle(tmp_path, tree, house):
    found = source.read_tree(tree)
    manifest = bundle.make_manifest(found, "garden", "0" * 64, {TARGET.name: house})
    (tree / "requirements.txt").unlink()
    with pytest.raises(FileNotFoundError):
        bundle.write(tmp_path / "dist", found, manifest, {TARGET.name: house})
    assert not [*(tmp_path / "dist").glob("*.tar"), *(tmp_path / "dist").glob("*.json")]


# --- staging --------------------------------------------------------------------------------------------------------


def test_a_staged_release_runs_what_was_packed(tmp_path, tree, house, layout):
    path, _ = pack(tmp_path / "dist", tree, house)
    assert stage(layout, path)
    assert not stage(layout, path)
    release = layout.release("1")
    command = [release / "venv" / "bin" / "python", "-c", "import trowel; print(trowel.VERSION)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1.0\n"
    assert list((release / "source" / "core" / "__pycache__").glob("views.*.pyc"))
    assert on_host(layout) == ["releases/1", "venvs/v1"]


def test_the_application_s_user_reads_its_release_and_writes_only_where_it_may(
    tmp_path, tree, house, layout, monkeypatch
):
    """On a host with umask 077 as well."""
    owned = []
    monkeypatch.setattr(staging.shutil, "chown", lambda path, user, group: owned.append((path.name, user, group)))
    path, _ = pack(tmp_path / "dist", tree, house)
    before = os.umask(0o077)
    try:
        stage(layout, path, writable=["static"])
    finally:
        assert os.umask(before) == 0o077
    found = [layout.release("1"), *layout.release("1").rglob("*"), *layout.venv("v1").rglob("*")]
    modes = {file: file.stat().st_mode for file in found if not file.is_symlink() and file.name != ".lock"}
    assert not [file for file, mode in modes.items() if not mode & 0o004 or mode & 0o022]
    assert owned == [("static", "garden", "garden")]


def test_releases_with_the_same_lock_share_an_environment(tmp_path, tree, house, layout):
    path, _ = pack(tmp_path / "dist", tree, house)
    stage(layout, path, "1")
    made = layout.venv("v1").stat()
    stage(layout, path, "2")
    assert layout.venv("v1").stat().st_ino == made.st_ino
    assert (layout.release("1") / "venv").resolve() == (layout.release("2") / "venv").resolve() == layout.venv("v1")


@pytest.mark.parametrize(
    "change",
    [
        lambda house: wheel(house, "trowel", "1.0", trowel="#!/bin/sh\n"),
        lambda house: (house / "requirements.lock").write_text("trowel==1.0\n"),
    ],
    ids=["another wheel", "no hash"],
)
def test_wheels_that_are_not_the_locked_ones_are_refused_and_leave_nothing(tmp_path, tree, house, layout, change):
    change(house)
    path, _ = pack(tmp_path / "dist", tree, house)
    with pytest.raises(staging.StagingError, match=r"(?is)uv.*failed: .*hash"):
        stage(layout, path)
    assert on_host(layout) == []


def test_source_that_does_not_compile_leaves_no_release_and_keeps_the_one_before(tmp_path, tree, house, layout):
    path, _ = pack(tmp_path / "dist", tree, house)
    stage(layout, path, "1")
    (tree / "manage.py").write_text("def broken(:\n")
    path, _ = pack(tmp_path / "dist", tree, house)
    with pytest.raises(staging.StagingError, match="SyntaxError"):
        stage(layout, path, "2")
    assert on_host(layout) == ["releases/1", "venvs/v1"]
    assert staging.is_staged(layout, "1")


def test_half_a_release_is_staged_again(tmp_path, tree, house, layout):
    path, _ = pack(tmp_path / "dist", tree, house)
    (layout.release("1") / "source" / "stale").mkdir(parents=True)
    assert stage(layout, path)
    assert not (layout.release("1") / "source" / "stale").exists()


@pytest.mark.parametrize("kind", ["cp399-x86_64", TARGET.name[:-1]])
def test_a_bundle_without_wheels_for_the_host_is_refused(tmp_path, tree, house, layout, kind):
    path, _ = pack(tmp_path / "dist", tree, house)
    with pytest.raises(staging.StagingError, match=f"no wheels for {kind}; build it"):
        stage(layout, path, kind=kind)
    assert on_host(layout) == []


@pytest.mark.parametrize("filters", [True, False], ids=["", "Debian 12"])
@pytest.mark.parametrize("name", ["../x", "source/../../../x", "link"])
def test_a_member_outside_the_release_is_refused(tmp_path, tree, house, layout, name, filters, monkeypatch):
    if not filters:
        monkeypatch.delattr(staging.tarfile, "data_filter", raising=False)
    path, _ = pack(tmp_path / "dist", tree, house)
    with tarfile.open(path, "a") as tar:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "../../../x"
        tar.addfile(member, io.BytesIO())
    with pytest.raises(
        staging.StagingError, match=r"garden-.*\.tar is refused: .*(outside the destination|not a file inside)"
    ):
        stage(layout, path)
    assert on_host(layout) == []
    assert not list(tmp_path.rglob("x"))


def test_what_is_no_bundle_is_refused(tmp_path, layout):
    (tmp_path / "garden.tar").write_text("<html>not found</html>")
    with pytest.raises(staging.StagingError, match=r"garden\.tar is refused"):
        stage(layout, tmp_path / "garden.tar")
    assert on_host(layout) == []

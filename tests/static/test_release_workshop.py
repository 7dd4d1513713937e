"""The containers that wheels are built in: of the target's Debian, told of the index in private, with one cache."""

from __future__ import annotations

import pytest
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.targets import Target
from ansible.module_utils.release.workshop import Workshop, WorkshopError
from conftest import ROOT

TARGET = Target("3.13", "x86_64", "2.41", "3.13.5")


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """Put a docker in the way that writes its arguments to a file, and the settings that it was given to another."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
for word; do
  case $word in *:/run/settings:ro) (cat "${{word%%:*}}"; stat -c %a "${{word%%:*}}") > {tmp_path}/settings ;; esac
done
""")
    program.chmod(0o755)
    (tmp_path / "compose/base").mkdir(parents=True)
    (tmp_path / "compose/base/build").write_text(f'#!/bin/sh\necho "base $@" >> {tmp_path}/calls\n')
    (tmp_path / "compose/base/build").chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path / "calls"


def test_a_container_is_of_the_targets_debian_with_the_packages_named(tmp_path, docker):
    shop = Workshop(tmp_path, TARGET, ["libcairo2-dev", "gcc", "gcc"], PackageIndex())
    for _ in range(2):
        shop.run("python3", "-V", writable=tmp_path, readable=[ROOT])
    base, build, *runs = docker.read_text().splitlines()
    assert base == "base trixie"
    assert "SUITE=trixie" in build and "PACKAGES=gcc libcairo2-dev" in build
    assert len(runs) == 2
    assert all(
        f"--volume {tmp_path}:{tmp_path} " in run and f"{ROOT}:{ROOT}:ro" in run and "--rm" in run for run in runs
    )


def test_a_container_is_told_of_the_index_by_a_private_file(tmp_path, docker, secret):
    own = {"url": "https://packages.invalid/simple", "username": "garden", "password": secret, "extra": False}
    Workshop(tmp_path, TARGET, [], PackageIndex(own)).run("true", writable=tmp_path, readable=[])
    *settings, mode = (tmp_path / "settings").read_text().splitlines()
    assert mode == "600"
    assert [line for line in settings if line.startswith("export PIP_INDEX_URL=https://garden:")]
    assert "packages.invalid" not in docker.read_text()


def test_containers_have_what_builds_need_in_common(tmp_path, docker):
    cache = tmp_path / "cache"
    Workshop(tmp_path, TARGET, [], PackageIndex(), cache).run("true", writable=tmp_path, readable=[])
    assert f"export UV_CACHE_DIR={cache}" in (tmp_path / "settings").read_text()
    assert f"--volume {cache}:{cache} " in docker.read_text()
    assert cache.is_dir()


def test_a_debian_that_is_not_known_has_no_container(tmp_path, docker):
    shop = Workshop(tmp_path, Target("3.12", "x86_64", "2.39"), [], PackageIndex())
    with pytest.raises(WorkshopError, match=r"glibc 2\.39"):
        shop.run("true", writable=tmp_path, readable=[])

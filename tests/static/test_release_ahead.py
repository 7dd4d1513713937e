"""Hosts begin to install what has a wheel while the rest is built; an environment is whole however that went."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys

import pytest
from action_samples import call
from ansible.module_utils.release import ahead, bundle, requirements, staging, wheelhouse
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.workshop import Workshop
from conftest import plugin
from release_samples import INSTALLER, TARGET, host_layout, pack, project, sdist, uv_wheel, wheel

KIND = TARGET.name
VENV = f"{KIND}-abc"


@pytest.fixture
def layout(tmp_path):
    return host_layout(tmp_path / "host")


@pytest.fixture
def house(tmp_path):
    """Return a wheelhouse of two packages and the installer."""
    directory = tmp_path / "cache" / VENV
    wheel(directory, "trowel", "1.0")
    wheel(directory, "hiredis", "3.0")
    uv_wheel(directory)
    wheelhouse.write_lock(directory, "uv")
    return directory


def partial(house, *names):
    """Return a wheelhouse with some of the wheels of another."""
    directory = house.parent / ".ahead-1" / house.name
    directory.mkdir(parents=True)
    for path in house.glob("*.whl"):
        if path.name.startswith((*names, "uv-")):
            (directory / path.name).hardlink_to(path)
    wheelhouse.write_lock(directory, "uv")
    return directory


def begin(layout, directory, tmp_path, python=sys.executable):
    wheels, part = wheelhouse.wheels_of(directory), tmp_path / "ahead.tar"
    bundle.write_wheels(directory, part, KIND, wheels, staging.lacking_wheels(layout, VENV, wheels))
    return ahead.begin(layout, part, KIND, VENV, python)


def stage(layout, house, tmp_path):
    """Stage a release of the whole wheelhouse; return the packages of its environment."""
    path, manifest = pack(tmp_path / "dist", project(tmp_path / "garden"), house)
    part = tmp_path / "part.tar"
    lacking = staging.lacking_wheels(layout, VENV, manifest["wheels"][KIND])
    bundle.write_part(path, part, KIND, lacking)
    taken = []

    def take(venv):
        taken.append(ahead.take(layout, VENV, venv))

    staging.stage(layout, part, manifest["id"], KIND, sys.executable, VENV, [], take)
    python = layout.release(manifest["id"]) / "venv/bin/python"
    shown = "import trowel, hiredis; print(trowel.VERSION, hiredis.VERSION)"
    said = subprocess.check_output([python, "-c", shown], text=True).split()
    assert not list(layout.home.glob(".*")), "nothing is left"
    return said, taken[0], lacking


def test_what_was_begun_is_completed_with_what_was_built(layout, house, tmp_path):
    assert begin(layout, partial(house, "trowel"), tmp_path)
    said, taken, lacking = stage(layout, house, tmp_path)
    assert said == ["1.0", "3.0"]
    assert taken
    assert lacking == ["hiredis-3.0-py3-none-any.whl"], "only what came since is sent"
    [venv] = (layout.home / "venvs").iterdir()
    assert len(list(venv.rglob("__pycache__/trowel.*"))) == len(list(venv.rglob("__pycache__/hiredis.*"))) == 1


def test_what_failed_to_begin_is_made_as_if_nothing_had_begun(layout, house, tmp_path):
    begin(layout, partial(house, "trowel"), tmp_path, python="/nowhere/python3")
    said, taken, _ = stage(layout, house, tmp_path)
    assert (said, taken) == (["1.0", "3.0"], False)


def test_without_a_beginning_there_is_none_to_take(layout, house, tmp_path):
    assert stage(layout, house, tmp_path)[:2] == (["1.0", "3.0"], False)


def test_two_deploys_do_not_begin_the_same_environment(layout, house, tmp_path):
    directory = partial(house, "trowel")
    place = ahead.place_of(layout, VENV)
    place.mkdir(parents=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not begin(layout, directory, tmp_path)
    assert begin(layout, directory, tmp_path)


def test_what_no_deploy_completed_is_pruned(layout, house, tmp_path):
    begin(layout, partial(house, "trowel"), tmp_path)
    ahead.take(layout, VENV, tmp_path / "away")
    ahead.place_of(layout, "other").mkdir()
    staging.remove_leftovers(layout)
    assert not list(layout.home.glob(".ahead-*"))


# --- the controller ---------------------------------------------------------------------------------------------------


@pytest.fixture
def index(tmp_path, monkeypatch):
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": tmp_path / "index", "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    uv_wheel(tmp_path / "index")
    wheel(tmp_path / "index", "trowel", "1.0")
    return tmp_path / "index"


def asked(tmp_path, text):
    (tmp_path / "source").mkdir(exist_ok=True)
    file = tmp_path / "source/requirements.txt"
    file.write_text(text)
    return requirements.read(file, file.parent), TARGET, tmp_path / "cache"


def test_what_need_not_be_built_is_there_at_once(tmp_path, index, monkeypatch):
    monkeypatch.setattr(Workshop, "usable", False)
    sdist(index, "hiredis", "3.0")
    means = Means(INSTALLER, packages=("gcc",))
    found = wheelhouse.fetched(*asked(tmp_path, "trowel\nhiredis\n"), means)
    assert [name for name in wheelhouse.wheels_of(found) if not name.startswith("uv")] == [
        "trowel-1.0-py3-none-any.whl"
    ]
    assert (found / "requirements.lock").read_text().startswith("trowel==1.0 --hash=")
    house = wheelhouse.prepare(*asked(tmp_path, "trowel\nhiredis\n"), means)
    assert house.name == found.name
    assert not found.exists(), "it is no more of use"
    assert wheelhouse.fetched(*asked(tmp_path, "trowel\nhiredis\n"), means) is None, "all is there"


@pytest.mark.parametrize(
    ("text", "packages"), [("trowel\n", ("gcc",)), ("trowel\nhiredis\n", ()), ("trowel\n./lib\n", ("gcc",))],
    ids=["all have wheels", "no container", "of the source itself"],
)  # fmt: skip
def test_where_hosts_would_not_wait_nothing_is_begun(tmp_path, index, text, packages):
    sdist(index, "hiredis", "3.0")
    assert wheelhouse.fetched(*asked(tmp_path, text), Means(INSTALLER, packages=packages)) is None
    assert not list((tmp_path / "cache").glob(".ahead-*"))


def test_a_host_begins_with_the_wheels_of_its_kind():
    filters = plugin("filter/release").FilterModule().filters()
    builds = [
        {"source": {"name": "shop"}, "ahead": {"cp313-x86_64": "/a"}},
        {"source": {"name": "till"}, "id": "1"},
    ]
    kinds = {"web": {"shop": "cp313-x86_64", "till": "cp313-x86_64"}, "old": {"shop": "cp311-x86_64"}}
    wanted = {"app": "shop", "host": "web", "kind": "cp313-x86_64", "directory": "/a"}
    assert filters["beginnings"](builds, kinds) == [wanted]


def test_a_bundle_of_wheels_tells_of_all_and_holds_those_that_lack(house, tmp_path):
    part = tmp_path / "part.tar"
    bundle.write_wheels(house, part, KIND, wheelhouse.wheels_of(house), ["trowel-1.0-py3-none-any.whl"])
    staging.unpack(part, tmp_path / "there")
    assert sorted(path.name for path in (tmp_path / "there/wheels" / KIND).iterdir()) == [
        "requirements.lock", "trowel-1.0-py3-none-any.whl",
    ]  # fmt: skip
    assert len(json.loads((tmp_path / "there/manifest.json").read_text())["wheels"][KIND]) == 3


def test_a_host_that_has_all_of_it_is_sent_nothing(house, monkeypatch):
    action, given = plugin("action/release_stage"), []
    # It makes a temporary directory on the host.
    monkeypatch.setattr(action.ActionBase, "run", lambda *_: {})
    arguments = {"app": "garden", "ahead": str(house), "kind": KIND, "venv": VENV, "python": "python3"}
    result = call(action, lambda asked: given.append(asked) or {"changed": False, "lacking": []}, arguments)
    assert not result["changed"]
    [asked] = given
    assert "ahead" not in asked, "it only asks"
    assert sorted(asked["wheels"]) == sorted(wheelhouse.wheels_of(house))

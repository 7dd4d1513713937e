"""Wheels for a target: chosen for it, fetched once, and decided by what they are made from."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from ansible.module_utils.release import gathering, markers, requirements, wheelhouse
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.pylock import Artifact, Package
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.resolving import uv
from ansible.module_utils.release.targets import SUITES, Target, WheelhouseError
from conftest import wiring
from release_samples import INSTALLER, MEANS, TARGET, uv_wheel, wheel


def prepare(file: Path, target: Target, cache: Path) -> Path:
    """Return the wheelhouse of a requirements file."""
    return wheelhouse.prepare(requirements.read(file, file.parent), target, cache, Means(INSTALLER))


def test_options_for_pip_accept_every_wheel_that_the_target_takes_newest_first():
    options = Target("3.13", "aarch64", "2.19").pip_options()
    values = {name: [options[i + 1] for i, word in enumerate(options) if word == name] for name in options[::2]}
    assert values["--python-version"] == ["3.13"]
    assert values["--abi"] == ["cp313", "abi3", "none"]
    assert values["--platform"][:3] == [f"manylinux_2_{minor}_aarch64" for minor in (19, 18, 17)]
    assert values["--platform"][-2:] == ["manylinux1_aarch64", "linux_aarch64"]
    assert "manylinux_2_20_aarch64" not in options


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Return a directory that is the only place where pip finds wheels."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": tmp_path / "index", "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    uv_wheel(tmp_path / "index")
    return tmp_path / "index"


def test_a_wheelhouse_is_made_once_for_the_same_requirements(tmp_path, index):
    """pip chooses abi3 and pure wheels for a target that is not the controller; the rest it would not even see."""
    target = Target("3.13", "aarch64", "2.41")
    for name, tag in {"trowel": "cp39-abi3-manylinux_2_28_aarch64", "spade": "py3-none-any"}.items():
        wheel(index, name, "1.0", tag)
    wheel(index, "trowel", "1.1", "cp313-cp313-manylinux_2_42_aarch64")
    wheel(index, "spade", "1.1", "cp313-cp313-win_arm64")
    file = tmp_path / "requirements.txt"
    file.write_text("trowel\nspade\n")
    house = prepare(file, target, tmp_path / "cache")
    chosen = ["spade-1.0-py3-none-any.whl", "trowel-1.0-cp39-abi3-manylinux_2_28_aarch64.whl"]
    assert list(wheelhouse.wheels_of(house)) == [*chosen, "uv-0.1-py3-none-any.whl"]
    hashes = [hashlib.sha256((index / name).read_bytes()).hexdigest() for name in chosen]
    lock = [f"{name}==1.0 --hash=sha256:{digest}" for name, digest in zip(("spade", "trowel"), hashes, strict=True)]
    assert (house / "requirements.lock").read_text().splitlines() == lock
    for path in index.iterdir():
        path.unlink()
    assert prepare(file, target, tmp_path / "cache") == house


def test_a_changed_lock_fetches_only_what_changed(tmp_path, index):
    """The same entry is the same wheel, also where the index has a better one by now; another hash is another entry."""
    target = Target("3.13", "aarch64", "2.41", "3.13.5")
    found = {name: wheel(index, name, "1.0") for name in ("trowel", "garden_spade", "fork")}
    entries = {
        name: f"{name.replace('_', '-')}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for name, path in found.items()
    }
    file = tmp_path / "requirements.txt"
    file.write_text("\n".join([entries["trowel"], entries["garden_spade"]]))
    first = prepare(file, target, tmp_path / "cache")
    for path in index.iterdir():
        if path != found["fork"]:
            path.unlink()
    file.write_text("\n".join([entries["garden_spade"], entries["fork"]]))
    second = prepare(file, target, tmp_path / "cache")
    assert {path.name.partition("-")[0] for path in second.glob("*.whl")} == {"garden_spade", "fork", "uv"}
    assert not [path for path in [*first.iterdir(), *second.iterdir()] if path.suffix not in (".whl", ".lock")]
    file.write_text(f"{entries['trowel']} --hash=sha256:{'0' * 64}")
    with pytest.raises(WheelhouseError, match="trowel"):
        prepare(file, target, tmp_path / "cache")


def test_a_missing_wheel_leaves_nothing_that_looks_like_a_wheelhouse(tmp_path, index):
    wheel(index, "trowel", "1.0", "cp27-cp27m-manylinux1_x86_64")
    (tmp_path / "requirements.txt").write_text("trowel\n")
    with pytest.raises(WheelhouseError, match=rf"(?s)no wheels for {TARGET.name}: .*trowel"):
        prepare(tmp_path / "requirements.txt", TARGET, tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["by-entry"]


def test_included_requirements_decide_the_wheelhouse_too(tmp_path, index):
    """Else a host would keep its environment although base.txt or its pins changed."""
    (tmp_path / "base.txt").write_text("-c pins.txt\ntrowel\n")
    (tmp_path / "production.txt").write_text("--requirement=base.txt\n")
    for version in ("1.0", "1.1"):
        wheel(index, "trowel", version)
        (tmp_path / "pins.txt").write_text(f"trowel=={version}\n")
        house = prepare(tmp_path / "production.txt", TARGET, tmp_path / "cache")
        assert (house / "requirements.lock").read_text().startswith(f"trowel=={version} ")


def test_requirements_that_include_each_other_are_read_once(tmp_path):
    (tmp_path / "a.txt").write_text("-r b.txt\nspade\n")
    (tmp_path / "b.txt").write_text("-r a.txt\ntrowel\n-c pins.txt\n")
    (tmp_path / "pins.txt").write_text("trowel==1\n")
    read = requirements.read(tmp_path / "a.txt", tmp_path).text
    assert read.splitlines() == ["trowel", "-c pins.txt", "# trowel==1", "spade"]


@pytest.mark.parametrize(
    ("python", "names"), [("3.11.2", ["trowel", "spade"]), ("3.11.3", ["trowel"]), ("3.13.5", ["trowel", "fork"])]
)
def test_markers_of_a_lock_are_judged_for_the_host(python, names):
    lock = """# compiled
trowel==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via -r base.in
spade[x]==1.0 ; python_full_version < '3.11.3' --hash=sha256:cc
fork==1.0 ; python_version >= "3.12" and platform_machine == "x86_64" \\
    --hash=sha256:dd
rake==1.0 ; sys_platform == "win32" --hash=sha256:ee
"""
    found = markers.decide(lock, python, "x86_64")
    assert [line.partition("==")[0].partition("[")[0] for line in found] == names
    assert found[0].split() == ["trowel==1.0", "--hash=sha256:aa", "--hash=sha256:bb"]
    assert all(";" not in line for line in found)


@pytest.mark.parametrize("line", ["trowel", "trowel==1.0", "-r base.txt", "trowel>=1 --hash=sha256:aa"])
def test_what_is_no_lock_is_left_to_pip(line):
    assert markers.decide(f"spade==1.0 --hash=sha256:aa\n{line}\n", "3.11.2", "x86_64") is None


def test_requirements_target_and_installer_decide_the_wheelhouse(tmp_path):
    other = Target("3.11", "x86_64", "2.41")
    a, b = Requirements(tmp_path, "a"), Requirements(tmp_path, "b")
    inputs = [(a, TARGET, MEANS), (b, TARGET, MEANS), (a, other, MEANS), (a, TARGET, Means("uv==2"))]
    assert len({wheelhouse.lock_digest(*entry) for entry in inputs}) == len(inputs)


def test_uv_knows_the_platform_of_every_target_that_the_kit_has():
    suites = wiring()["__wired_glibc"]
    assert {suites["12"]: "bookworm", suites["13"]: "trixie"} == SUITES
    known = subprocess.run([uv(), "pip", "compile", "--help"], capture_output=True, text=True, check=True).stdout
    for glibc in SUITES:
        for machine in ("x86_64", "aarch64"):
            assert Target("3.13", machine, glibc).uv_options()[-1] in known.replace(",", " ").replace("]", " ").split()


def test_what_has_no_wheel_is_built_while_the_others_are_fetched(tmp_path, monkeypatch):
    """One waits for the network, the other for processors: one after the other they would take twice as long."""
    both = Barrier(2, timeout=20)
    monkeypatch.setattr(gathering, "download", lambda *_: both.wait())
    monkeypatch.setattr(gathering, "build_wheel", lambda *_: both.wait())
    monkeypatch.setattr(gathering.WheelCache, "keep", lambda *_: None)
    there = Package("trowel", "trowel==1.0", wheel=Artifact("https://index/trowel-1.0-py3-none-any.whl", frozenset()))
    source = Package("spade", "spade==1.0", source=Artifact("https://index/spade-1.0.tar.gz", frozenset()))
    gathering.Gathering(TARGET, tmp_path, MEANS, tmp_path / "kept")._bring([there, source])
    assert not both.broken


@pytest.mark.parametrize("hashed", [True, False], ids=["lock", "no lock"])
def test_further_requirements_take_the_versions_of_what_is_there(tmp_path, index, hashed):
    """A lock's versions stay, and nothing is brought twice."""
    for version in ("1.0", "2.0"):
        wheel(index, "trowel", version)
    digest = hashlib.sha256((index / "trowel-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    wheel(index, "spade", "1.0", requires="trowel")
    file = tmp_path / "requirements.txt"
    file.write_text(f"trowel==1.0 --hash=sha256:{digest}\n" if hashed else "trowel<2\n")
    wanted = replace(requirements.read(file, file.parent), further=("spade>=1", "trowel"))
    house = wheelhouse.prepare(wanted, TARGET, tmp_path / "cache", Means(INSTALLER))
    names = [name for name in wheelhouse.wheels_of(house) if not name.startswith("uv-")]
    assert names == ["spade-1.0-py3-none-any.whl", "trowel-1.0-py3-none-any.whl"]

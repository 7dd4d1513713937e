"""Wheels that no index has: built once, on the controller or in a container, and what is said where that fails."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from ansible.module_utils.release import building, gathering, requirements, wheelhouse
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.pylock import Artifact, Package
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.targets import Target, WheelhouseError
from ansible.module_utils.release.workshop import Workshop, WorkshopError
from release_samples import INSTALLER, git, sdist, unbuilt, uv_wheel, wheel

TARGET = Target("3.13", "x86_64", "2.41", "3.13.5")
BINARY = "cp313-cp313-linux_x86_64"


@pytest.fixture(autouse=True)
def index(tmp_path, monkeypatch):
    """Return a directory that is the only place where packages are found."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": tmp_path / "index", "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    uv_wheel(tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def container(monkeypatch):
    """Let containers be this machine; return the commands that they were to run."""
    commands = []

    def run(self: Workshop, *command: str, writable: Path, readable: list[Path]) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        inside = self._index.environment() | {"INSIDE": "1"}
        here = [sys.executable if word == "/usr/bin/python3" else word for word in command]
        return subprocess.run(here, cwd=writable, env=inside, capture_output=True, text=True, check=False)

    monkeypatch.setattr(Workshop, "run", run)
    return commands


@pytest.fixture
def no_container(monkeypatch):
    def run(self: Workshop, *command: str, **places: object) -> None:
        raise WorkshopError("this machine has no container engine (bin/bootstrap engine)")

    monkeypatch.setattr(Workshop, "run", run)


def prepare(tmp_path: Path, text: str, **means: object) -> list[str]:
    """Return the names of the wheels that requirements become, but for the installer's."""
    (tmp_path / "source").mkdir(exist_ok=True)
    file = tmp_path / "source" / "requirements.txt"
    file.write_text(text)
    wanted = requirements.read(file, file.parent)
    house = wheelhouse.prepare(wanted, TARGET, tmp_path / "cache", Means(INSTALLER, **means))
    return [name for name in wheelhouse.wheels_of(house) if not name.startswith("uv-")]


def pinned(path: Path) -> str:
    name, _, rest = path.name.partition("-")
    return f"{name}=={rest.removesuffix('.tar.gz')} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def repack(archive: Path, *told: str) -> None:
    """Take out of an archive what tells of the project without a build: its metadata, the table in pyproject.toml."""
    with tarfile.open(archive) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    metadata, pyproject = told
    del members[metadata]
    members[pyproject] = members[pyproject].partition(b"[project]")[0]
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_a_source_archive_of_python_alone_is_built_here(tmp_path, index, no_container):
    sdist(index, "rake", "1.0")
    wheel(index, "spade", "2.0")
    assert prepare(tmp_path, "rake\nspade\n") == ["rake-1.0-py3-none-any.whl", "spade-2.0-py3-none-any.whl"]


@pytest.mark.parametrize("hashed", [True, False], ids=["lock", "no lock"])
def test_what_was_built_is_kept_for_the_next_lock(tmp_path, index, no_container, monkeypatch, hashed):
    archive = sdist(index, "rake", "1.0")
    entry = pinned(archive) if hashed else "rake"
    assert prepare(tmp_path, f"{entry}\n") == ["rake-1.0-py3-none-any.whl"]
    monkeypatch.setattr(building, "_requirement", None)
    spade = wheel(index, "spade", "2.0", "py3-none-any")
    digest = hashlib.sha256(spade.read_bytes()).hexdigest()
    assert len(prepare(tmp_path, f"{entry}\nspade==2.0 --hash=sha256:{digest}\n")) == 2
    with pytest.raises(TypeError):
        prepare(tmp_path, f"{entry}\n", packages=("gcc",))


def test_a_source_archive_with_another_hash_is_refused(tmp_path, index, no_container):
    entry = pinned(sdist(index, "rake", "1.0")).rpartition(":")[0]
    with pytest.raises(WheelhouseError, match=r"(?s)rake.*hash"):
        prepare(tmp_path, f"{entry}:{'0' * 64}\n")


@pytest.mark.parametrize("named", ["rake @ ", ""], ids=["named", "unnamed"])
def test_a_repository_is_built_at_its_commit(tmp_path, no_container, named):
    root = unbuilt(tmp_path / "rake" / "python", "rake", "1.0").parent
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True).stdout
    unbuilt(root / "other", "rake", "2.0")
    found = prepare(tmp_path, f"{named}git+file://{root}@{commit.strip()}#subdirectory=python\n")
    assert found == ["rake-1.0-py3-none-any.whl"]


def test_a_directory_of_the_source_is_built_as_it_is_now(tmp_path, no_container):
    root = unbuilt(tmp_path / "source" / "vendor" / "rake", "rake", "1.0")
    assert prepare(tmp_path, "./vendor/rake\n") == ["rake-1.0-py3-none-any.whl"]
    assert requirements.read(tmp_path / "source/requirements.txt", tmp_path).local
    assert sorted(path.name for path in root.iterdir()) == ["PKG-INFO", "backend.py", "pyproject.toml"]


@pytest.mark.parametrize("line", ["-e .", "--editable=./lib", "lib @ file:///srv/lib", ".[s3]", "lib @ ./lib"])
def test_what_lies_in_the_source_is_known_to_change_with_it(tmp_path, line):
    assert Requirements(tmp_path, f"spade\n{line}\n").local
    assert not Requirements(tmp_path, "spade>=1.0\nrake @ https://files.invalid/rake.whl\n-r base.txt\n").local


def test_what_fits_one_platform_is_built_in_a_container(tmp_path, index, container):
    sdist(index, "pycairo", "1.0", BINARY)
    assert prepare(tmp_path, "pycairo\n") == [f"pycairo-1.0-{BINARY}.whl"]
    (command,) = container
    assert command[:2] == ("env", "SOURCE_DATE_EPOCH=315532800")


@pytest.mark.parametrize(("direct", "builder"), [(True, "uv"), (False, "python3")], ids=["came", "left to pip"])
def test_uv_builds_what_is_here_and_pip_what_it_has_to_fetch(tmp_path, index, container, monkeypatch, direct, builder):
    entry = pinned(sdist(index, "pycairo", "1.0", BINARY))
    if not direct:
        monkeypatch.setattr("ansible.module_utils.release.direct.archive", lambda *_: None)
    assert prepare(tmp_path, f"{entry}\n") == [f"pycairo-1.0-{BINARY}.whl"]
    assert [Path(command[2]).name for command in container] == [builder]


def test_the_largest_source_is_built_first(tmp_path, index, monkeypatch):
    """It takes longest, and must not begin when the others have ended."""
    built = []
    monkeypatch.setattr(gathering, "build_wheel", lambda package, *_: built.append(package.name) or index)
    monkeypatch.setattr(gathering.WheelCache, "keep", lambda *_: None)
    monkeypatch.setattr(gathering, "_BUILDS", 0)
    sources = {"rake": 10, "borg": 4000, "hoe": 200}
    found = [Package(name, name, source=Artifact("", size=size)) for name, size in sources.items()]
    house = gathering.Gathering(TARGET, tmp_path, Means(INSTALLER), tmp_path / "kept")
    monkeypatch.setattr(house, "_fetch", lambda found: None)
    house._bring(found)
    assert built == ["borg", "hoe", "rake"]


def test_what_fails_here_is_built_in_a_container(tmp_path, index, container):
    """There the compiler is, and the libraries' headers."""
    sdist(index, "pycairo", "1.0", BINARY, first="import os; assert 'INSIDE' in os.environ")
    assert prepare(tmp_path, "pycairo\n") == [f"pycairo-1.0-{BINARY}.whl"]
    assert len(container) == 1


def test_what_has_to_be_built_to_be_understood_is_resolved_in_a_container(tmp_path, index, container):
    """An older idiom: its setup.py looks for a library's configuration before it says what it needs."""
    archive = sdist(index, "mysqlclient", "1.0", BINARY, first="import os; assert 'INSIDE' in os.environ")
    repack(archive, "mysqlclient-1.0/PKG-INFO", "mysqlclient-1.0/pyproject.toml")
    assert prepare(tmp_path, "mysqlclient\n") == [f"mysqlclient-1.0-{BINARY}.whl"]
    assert [command[0].rpartition("/")[2] for command in container] == ["uv", "env"]


def test_a_container_of_another_machine_is_told_apart(tmp_path, index, container):
    sdist(index, "pycairo", "1.0", "cp313-cp313-linux_aarch64")
    with pytest.raises(WheelhouseError, match=r"it becomes pycairo-1\.0-cp313-cp313-linux_aarch64\.whl"):
        prepare(tmp_path, "pycairo\n")


def test_a_build_that_fails_names_package_last_words_and_remedy(tmp_path, index, container):
    sdist(index, "pycairo", "1.0", first="raise SystemExit('cairo.h: No such file or directory')")
    words = r"(?s)pycairo has no wheel for cp313-x86_64.*cairo\.h: No such.*app_build_packages, such as \[libcairo2"
    with pytest.raises(WheelhouseError, match=words):
        prepare(tmp_path, "pycairo\n")
    assert not list((tmp_path / "cache").glob("cp313*"))


def test_without_an_engine_the_error_says_so_as_well(tmp_path, index, no_container):
    sdist(index, "pycairo", "1.0", first="raise SystemExit('cairo.h: No such file or directory')")
    with pytest.raises(WheelhouseError, match=r"(?s)pycairo.*cairo\.h.*no container engine.*app_build_packages"):
        prepare(tmp_path, "pycairo\n")


def test_the_project_itself_is_built_without_a_trace_in_its_source(tmp_path, no_container):
    root = unbuilt(
        tmp_path / "shop",
        "shop",
        "3.0",
        first="import os; assert os.environ['SETUPTOOLS_SCM_PRETEND_VERSION'] == '3.0'",
    )
    wanted = Requirements(root, "", install="3.0", source="digest")
    house = wheelhouse.prepare(wanted, TARGET, tmp_path / "cache", Means(INSTALLER))
    assert "shop-3.0-py3-none-any.whl" in wheelhouse.wheels_of(house)
    assert (house / "requirements.lock").read_text().startswith("shop==3.0 --hash=")
    assert not (root / "build").exists()


def test_where_builds_want_debian_packages_nothing_is_tried_on_the_controller(tmp_path, index, container, monkeypatch):
    """It would be a second build of everything that compiles."""
    monkeypatch.setattr(Workshop, "usable", True)
    monkeypatch.setattr(building, "_here", None)
    sdist(index, "rake", "1.0")
    assert prepare(tmp_path, "rake\n", packages=("libfoo-dev",)) == ["rake-1.0-py3-none-any.whl"]
    assert [command for command in container if "--wheel" in command]

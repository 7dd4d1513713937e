"""What is read from a project's lock or metadata: what runs in production, for the markers of its hosts."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from ansible.module_utils.release import lockfiles, markers
from ansible.module_utils.release.repository import SourceError
from ansible.module_utils.release.resolving import uv

A, B = "a" * 64, "b" * 64
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def read(root: Path, name: str, *extras: str, **files: str) -> list[str]:
    """Return the lines of what is read from a file beside others, whose names have __ for a dot."""
    for file, text in files.items():
        (root / file.replace("__", ".")).write_text(textwrap.dedent(text))
    return lockfiles.read(root, name, list(extras)).text.splitlines()


def names(lines: list[str], python: str = "3.13.5") -> list[str]:
    """Return the projects that a Linux host installs, each pinned."""
    decided = markers.decide("\n".join(lines), python, "x86_64")
    assert decided is not None, lines
    return sorted(markers.name_of(entry) for entry in decided)


PYPROJECT = """
    [project]
    name = "shop"
    version = "1"
    dependencies = ["trowel>=1 ; python_version >= '3.12'", "fork[handle]==2.*"]
    [project.optional-dependencies]
    s3 = ["bucket"]
    [dependency-groups]
    dev = ["weeder"]
"""


def test_metadata_leaves_versions_open_and_says_which(tmp_path):
    lines = read(tmp_path, "pyproject.toml", pyproject__toml=PYPROJECT)
    assert lines == ["trowel>=1 ; python_version >= '3.12'", "fork[handle]==2.*"]
    assert read(tmp_path, "pyproject.toml", "S3")[2:] == ["bucket"]
    assert markers.unpinned("\n".join(lines)) == ["trowel", "fork"]
    with pytest.raises(SourceError, match="no extra gcs; app_extras may name dev, s3"):
        read(tmp_path, "pyproject.toml", "gcs")


def test_poetrys_own_table_is_translated(tmp_path):
    lines = read(tmp_path, "pyproject.toml", "s3", pyproject__toml="""
        [tool.poetry.dependencies]
        python = "^3.11"
        trowel = "^1.2.3"
        spade = {version = "~2.1", extras = ["steel"], markers = "sys_platform == 'linux'"}
        fork = [{version = "<3", python = "<3.12"}, {version = "^3", python = ">=3.12"}]
        rake = {git = "https://git.invalid/rake.git", tag = "v1"}
        bucket = {version = "*", optional = true}
        [tool.poetry.extras]
        s3 = ["bucket"]
    """)  # fmt: skip
    assert lines == [
        "trowel>=1.2.3,<2",
        "spade[steel]>=2.1,<2.2 ; sys_platform == 'linux'",
        "fork<3 ; python_version < '3.12'",
        "fork>=3,<4 ; python_version >= '3.12'",
        "rake @ git+https://git.invalid/rake.git@v1",
        "bucket",
    ]


def test_places_of_uv_are_kept(tmp_path):
    lines = read(tmp_path, "pyproject.toml", pyproject__toml=PYPROJECT + """
    [tool.uv.sources]
    fork = {git = "https://git.invalid/fork.git", rev = "v2", subdirectory = "python"}
    """)  # fmt: skip
    assert lines[1] == "fork[handle] @ git+https://git.invalid/fork.git@v2#subdirectory=python"


def test_dependencies_that_setuptools_reads_from_a_file_are_read_from_it(tmp_path):
    dynamic = '[project]\nname = "shop"\ndynamic = ["dependencies"]\n'
    lines = read(
        tmp_path, "pyproject.toml", requirements__in="trowel>=1\n",
        pyproject__toml=f'{dynamic}[tool.setuptools.dynamic]\ndependencies = {{file = ["requirements.in"]}}\n',
    )  # fmt: skip
    assert lines == ["trowel>=1"]
    with pytest.raises(SourceError, match="would have to be run"):
        read(tmp_path, "pyproject.toml", pyproject__toml=dynamic)


def test_setup_cfg_is_read_with_its_extras(tmp_path):
    setup = "[options]\ninstall_requires =\n    trowel\n    # old\n    spade>=2\n"
    setup += "[options.extras_require]\ns3 =\n    bucket\n"
    assert read(tmp_path, "setup.cfg", "s3", setup__cfg=setup) == ["trowel", "spade>=2", "bucket"]


def test_what_would_have_to_be_run_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"setup\.py would have to be run"):
        read(tmp_path, "setup.py", setup__py="import setuptools\n")


def test_a_lock_that_is_none_is_refused_by_its_name(tmp_path):
    with pytest.raises(SourceError, match=r"Pipfile\.lock is not read as Pipfile\.lock: KeyError"):
        read(tmp_path, "Pipfile.lock", Pipfile__lock="{}")
    with pytest.raises(SourceError, match=r"poetry\.lock can't be read"):
        read(tmp_path, "poetry.lock", poetry__lock="<<<<<<< HEAD\n")


def test_pipfile_lock(tmp_path):
    lines = read(tmp_path, "Pipfile.lock", Pipfile__lock=f"""
        {{"default": {{
          "trowel": {{"hashes": ["sha256:{A}", "sha256:{B}"], "markers": "python_version >= '3.8'",
                      "version": "==1.0"}},
          "spade": {{"extras": ["steel"], "hashes": ["sha256:{A}"], "version": "==2.0"}},
          "rake": {{"git": "https://git.invalid/rake.git", "ref": "{COMMIT}"}}}},
         "develop": {{"weeder": {{"hashes": ["sha256:{A}"], "version": "==1"}}}}}}
    """)  # fmt: skip
    assert lines[0] == f"trowel==1.0 ; python_version >= '3.8' --hash=sha256:{A} --hash=sha256:{B}"
    assert lines[1] == f"spade[steel]==2.0 --hash=sha256:{A}"
    assert lines[2] == f"rake @ git+https://git.invalid/rake.git@{COMMIT}"
    assert names(lines) == ["rake", "spade", "trowel"]


def test_pylock(tmp_path):
    lines = read(tmp_path, "pylock.toml", pylock__toml=f"""
        lock-version = "1.0"
        [[packages]]
        name = "trowel"
        version = "1.0"
        sdist = {{url = "https://files.invalid/trowel.tar.gz", hashes = {{sha256 = "{A}"}}}}
        wheels = [{{url = "https://files.invalid/trowel.whl", hashes = {{sha256 = "{B}"}}}}]
        [[packages]]
        name = "weeder"
        version = "1.0"
        marker = "'dev' in dependency_groups and python_version >= '3.8'"
        wheels = [{{url = "https://files.invalid/weeder.whl", hashes = {{sha256 = "{B}"}}}}]
        [[packages]]
        name = "bucket"
        version = "1.0"
        marker = "'s3' in extras"
        wheels = [{{url = "https://files.invalid/bucket.whl", hashes = {{sha256 = "{B}"}}}}]
        [[packages]]
        name = "rake"
        vcs = {{type = "git", url = "git@git.invalid:garden/rake.git", commit-id = "{COMMIT}"}}
    """)  # fmt: skip
    assert lines[0] == f"trowel==1.0 --hash=sha256:{B} --hash=sha256:{A}"
    assert lines[3] == f"rake @ git+ssh://git@git.invalid/garden/rake.git@{COMMIT}"
    assert names(lines) == ["rake", "trowel"]
    assert names(read(tmp_path, "pylock.toml", "s3")) == ["bucket", "rake", "trowel"]


POETRY_PROJECT = """
    [tool.poetry.dependencies]
    python = "^3.11"
    spade = "^2"
    bucket = {version = "*", optional = true}
    [tool.poetry.extras]
    s3 = ["bucket"]
    [tool.poetry.group.dev.dependencies]
    weeder = "*"
"""


def poetry_package(name: str, version: str = "1.0", more: str = "") -> str:
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nfiles = [{{file = "x", hash = "sha256:{A}"}}]\n{more}\n'
    )


def test_poetrys_lock_tells_groups_and_markers(tmp_path):
    lock = "".join([
        poetry_package("spade", "2.0", 'groups = ["main", "dev"]\nmarkers = "python_version >= \\"3.12\\""'),
        poetry_package("weeder", more='groups = ["dev"]'),
        poetry_package("bucket", more='groups = ["main"]\noptional = true\nmarkers = "extra == \\"s3\\""'),
        poetry_package("rake", more=f'groups = ["main"]\n[package.source]\ntype = "git"\n'
                       f'url = "https://git.invalid/rake.git"\nresolved_reference = "{COMMIT}"'),
    ])  # fmt: skip
    lines = read(tmp_path, "poetry.lock", poetry__lock=lock)
    assert names(lines) == ["rake", "spade"]
    assert names(lines, "3.11.2") == ["rake"]
    assert names(read(tmp_path, "poetry.lock", "s3")) == ["bucket", "rake", "spade"]


def test_an_older_poetry_lock_is_followed_from_the_projects_dependencies(tmp_path):
    """It has neither groups nor markers: what is only for Windows, or for developers, must not be asked for."""
    lock = "".join([
        poetry_package("spade", "2.0", "[package.dependencies]\nhandle = "
                       '[{version = "<2", markers = "python_version < \\"3.12\\""}, '
                       '{version = ">=2", python = ">=3.12"}]\n'
                       'winapi = {version = "*", markers = "os_name == \\"nt\\""}'),
        poetry_package("winapi", more='[package.dependencies]\nregistry = "*"'),
        poetry_package("registry", more='[package.dependencies]\nwinapi = "*"'),
        poetry_package("handle", "1.5"), poetry_package("handle", "2.5", '[package.dependencies]\nspade = "^2"'),
        poetry_package("weeder", more='[package.dependencies]\ngloves = "*"'), poetry_package("gloves"),
        poetry_package("bucket"),
    ])  # fmt: skip
    lines = read(tmp_path, "poetry.lock", poetry__lock=lock, pyproject__toml=POETRY_PROJECT)
    assert names(lines) == names(lines, "3.11.2") == ["handle", "spade"]
    chosen = [line for line in markers.decide("\n".join(lines), "3.13.5", "x86_64") if line.startswith("handle")]
    assert chosen == [f"handle==2.5 --hash=sha256:{A}"]
    assert names(read(tmp_path, "poetry.lock", "s3")) == ["bucket", "handle", "spade"]


@pytest.mark.parametrize("inherited", [True, False], ids=["with groups", "without groups"])
def test_pdms_lock(tmp_path, inherited):
    def package(name: str, group: str, marker: str = "", dependencies: str = "[]") -> str:
        told = f'groups = ["{group}"]\nmarker = "{marker}"\n' if inherited else ""
        return poetry_package(name, more=f"{told}dependencies = {dependencies}")

    lock = "".join([
        package("trowel", "default", "python_version >= '3.12'", '["handle>=1; os_name == \'posix\'"]'),
        package("handle", "default", "os_name == 'posix'"),
        package("fork", "default"), package("bucket", "s3"), package("weeder", "dev"),
    ])  # fmt: skip
    lines = read(tmp_path, "pdm.lock", pdm__lock=lock, pyproject__toml=PYPROJECT)
    assert names(lines) == ["fork", "handle", "trowel"]
    assert "bucket" in names(read(tmp_path, "pdm.lock", "s3"))


def test_uv_lock_is_exported_by_uv(tmp_path):
    (tmp_path / "pyproject.toml").write_text(textwrap.dedent(PYPROJECT) + textwrap.dedent("""
        [tool.uv.sources]
        trowel = {path = "vendor/trowel"}
        fork = {path = "vendor/fork"}
        bucket = {path = "vendor/bucket"}
        weeder = {path = "vendor/weeder"}
    """))  # fmt: skip
    text = (tmp_path / "pyproject.toml").read_text().replace('"fork[handle]==2.*"', '"fork"')
    (tmp_path / "pyproject.toml").write_text(text.replace("trowel>=1 ;", "trowel ;"))
    for name in ("trowel", "fork", "bucket", "weeder"):
        (tmp_path / "vendor" / name).mkdir(parents=True)
        described = f'[project]\nname = "{name}"\nversion = "1.0"\ndependencies = []\n'
        (tmp_path / "vendor" / name / "pyproject.toml").write_text(described)
    lock = [uv(), "lock", "--quiet", "--offline", "--python", sys.executable]
    subprocess.run(lock, cwd=tmp_path, check=True, timeout=60)
    assert [line.split()[0] for line in read(tmp_path, "uv.lock")] == ["./vendor/fork", "./vendor/trowel"]
    assert len(read(tmp_path, "uv.lock", "s3")) == 3

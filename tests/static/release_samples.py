"""Little sources, wheels and bundles that the tests of releases build on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from ansible.module_utils.release import bundle, source, wheelhouse
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.targets import Target

TARGET = Target(f"3.{sys.version_info.minor}", "x86_64", "2.36")
INSTALLER = "uv==0.1"
MEANS = Means(INSTALLER)
HOSTILE = "p% $#'\"\\:@/ ü"
GARDEN = {
    "name": "garden",
    "source": {"path": "app"},
    "requirements": "requirements.txt",
    "extras": [],
    "further_requirements": [],
    "install": False,
    "build_packages": ["gcc"],
    "package_index": {"url": "https://packages.invalid/simple", "username": "garden", "password": HOSTILE},
    "hooks": {"build": ["npm run build"], "after_live": ["true"]},
    "celery": "config",
    "workers": [
        {"name": "all", "queues": ["default", "mail"], "pool": "prefork", "concurrency": 2, "prefetch": 4,
         "time_limit": 300},
        {"name": "slow", "queues": ["slow"], "concurrency": 1, "prefetch": 1, "time_limit": 900},
    ],
    "wsgi": "config.wsgi:application",
    "asgi": None,
    "beat": {"scheduler": "a.b:Scheduler"},
    "flower": {},
    "processes": [],
    "secrets": {"django": HOSTILE},
    "secret_environment": {"SENTRY_DSN": HOSTILE},
}  # fmt: skip


def git(root: Path, *arguments: str) -> None:
    """Run git in a directory, as somebody whom no configuration of the machine knows."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def project(root: Path, *files: str) -> Path:
    """Make a directory of files; each says its own name."""
    for name in ("manage.py", *files):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"NAME = '{name}'\n")
    (root / "requirements.txt").write_text("trowel==1.0\n")
    return root


def wheel(
    directory: Path, name: str, version: str, tag: str = "py3-none-any", requires: str = "", **scripts: str
) -> Path:
    """Write a wheel that holds one module and, if wanted, executables; it may ask for another project."""
    directory.mkdir(parents=True, exist_ok=True)
    path, info = directory / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info"
    members = {
        f"{name}.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        **{f"{name}-{version}.data/scripts/{script}": text for script, text in scripts.items()},
    }
    members[f"{info}/RECORD"] = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


#: Builds without any other package; what it makes has no files but its metadata.
BACKEND = """
import sys, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    {first}
    name = "{name}-{version}-{tag}.whl"
    info = "{name}-{version}.dist-info"
    with zipfile.ZipFile(directory + "/" + name, "w") as archive:
        archive.writestr("{name}.py", "VERSION = '{version}'\\n")
        archive.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
        archive.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: {tag}\\n")
        archive.writestr(info + "/RECORD", "")
    return name
"""
BUILT_BY = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def unbuilt(root: Path, name: str, version: str, tag: str = "py3-none-any", first: str = "pass") -> Path:
    """Write a project whose build makes a wheel of a tag; ``first`` is what the build does before that."""
    root.mkdir(parents=True)
    (root / "backend.py").write_text(BACKEND.format(name=name, version=version, tag=tag, first=first))
    (root / "pyproject.toml").write_text(
        f'{BUILT_BY}[project]\nname = "{name}"\nversion = "{version}"\ndependencies = []\n'
    )
    (root / "PKG-INFO").write_text(f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n")
    return root


def sdist(directory: Path, name: str, version: str, tag: str = "py3-none-any", first: str = "pass") -> Path:
    """Write a source archive of such a project."""
    root = unbuilt(directory.parent / f"sources-{name}-{version}" / f"{name}-{version}", name, version, tag, first)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(root, arcname=root.name)
    return path


def uv_wheel(directory: Path) -> Path:
    """Write a wheel of the installer; what it holds calls the controller's."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert found, "uv belongs to the controller's tools"
    return wheel(directory, "uv", "0.1", uv=f'#!/bin/sh\nexec "{found}" "$@"\n')


def wheels(directory: Path, version: str = "1.0") -> Path:
    """Make a wheelhouse with one package and the installer, as `prepare` leaves it."""
    wheel(directory, "trowel", version)
    uv_wheel(directory)
    wheelhouse.write_lock(directory, "uv")
    return directory


def pack(dist: Path, root: Path, house: Path, kind: str = TARGET.name) -> tuple[Path, dict]:
    """Return a bundle of a directory and of one wheelhouse, and its manifest."""
    tree = source.read_tree(root)
    manifest = bundle.make_manifest(tree, "garden", "0" * 64, {kind: house})
    return bundle.write(dist, tree, manifest, {kind: house}), manifest


def host_layout(root: Path) -> Layout:
    """Return the places of an application on a host that has no release yet."""
    layout = Layout("garden", root)
    for directory in (layout.home / "releases", layout.home / "venvs", layout.logs):
        directory.mkdir(parents=True)
    return layout

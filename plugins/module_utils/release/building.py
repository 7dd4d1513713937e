"""Wheels of packages that have none for a target: built on the controller where they fit any, else in a container."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ansible.module_utils.release import direct
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.pylock import Package
from ansible.module_utils.release.repository import clone
from ansible.module_utils.release.resolving import uv
from ansible.module_utils.release.source import list_files
from ansible.module_utils.release.targets import Target, WheelhouseError
from ansible.module_utils.release.workshop import Workshop, WorkshopError

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "wheel", "--no-deps")
_REMEDY = (
    "Name the Debian packages that its build needs in app_build_packages, "
    "such as [libcairo2-dev]; a compiler and Python's headers are there."
)
#: The first time that a zip file can tell: the same source makes the same wheel.
_EPOCH = "315532800"


def build_wheel(
    package: Package, target: Target, index: PackageIndex, workshop: Workshop, destination: Path, version: str = ""
) -> Path:
    """Build a package's wheel for a target and put it into a directory; return its path.

    ``version`` is what a build gets to know that asks the repository for it. Raises WheelhouseError with the last words
    of the build.
    """
    with tempfile.TemporaryDirectory(prefix="cloche-wheel-") as name:
        scratch = Path(name)
        wanted = _requirement(package, scratch, index)
        told = {"SOURCE_DATE_EPOCH": _EPOCH} | ({"SETUPTOOLS_SCM_PRETEND_VERSION": version} if version else {})
        # Where builds want Debian packages the container is needed anyway: a try here would be a second build.
        wheel, words = (None, "") if workshop.usable else _here(wanted, target, scratch, told, index)
        if wheel is None:
            wheel = _in_container(package.name, wanted, target, workshop, scratch, told, words, index)
        return Path(shutil.copy2(wheel, destination))


def _here(
    wanted: list[str], target: Target, scratch: Path, told: dict[str, str], index: PackageIndex
) -> tuple[Path | None, str]:
    """Build on the controller; return a wheel for any platform, else None and what a failed build said."""
    # Nothing of the controller's Python gets into a wheel for any platform, so that its version does not matter.
    command = [sys.executable, *_PIP, "--ignore-requires-python", "--wheel-dir", str(scratch / "here"), *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=index.environment() | told)
    wheel = _result(scratch / "here", target)
    if done.returncode or wheel is None or not wheel.stem.endswith("-any"):
        return None, (done.stderr or done.stdout) if done.returncode else ""
    return wheel, ""


def _requirement(package: Package, scratch: Path, index: PackageIndex) -> list[str]:
    """Return what pip is told to build: a directory or an archive that is here, else where one is, with its hash."""
    if package.directory:
        return [str(_copied(package.directory, scratch / "source"))]
    url = package.source.url
    if not url.startswith("git+"):
        if archive := direct.archive(package.source, scratch, index):
            return [str(archive)]
        (scratch / "wanted.txt").write_text(package.source.requirement(package.name) + "\n")
        return ["--requirement", str(scratch / "wanted.txt")]
    address, _, fragment = url.removeprefix("git+").partition("#")
    repository, _, commit = address.rpartition("@")
    clone(repository, commit, scratch / "source")
    return [str(scratch / "source" / fragment.removeprefix("subdirectory="))]


def _copied(directory: Path, copy: Path) -> Path:
    """Copy what belongs to a source: a build leaves its own files beside it."""
    for name in list_files(directory):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(directory / name, copy / name)
    return copy


def _result(directory: Path, target: Target) -> Path | None:
    """Return the wheel that a build left in a directory, if the target takes it."""
    from packaging.utils import parse_wheel_filename

    taken = set(target.tags())
    return next((path for path in directory.glob("*.whl") if taken & parse_wheel_filename(path.name)[3]), None)


def _in_container(
    name: str, wanted: list[str], target: Target, workshop: Workshop, scratch: Path,
    told: dict[str, str], words: str, index: PackageIndex,
) -> Path:  # fmt: skip
    place = scratch / "there"
    place.mkdir()
    command = ["env", *(f"{key}={value}" for key, value in told.items()), *_builder(wanted, place, index)]
    try:
        done = workshop.run(*command, writable=scratch, readable=[Path(uv())])
    except WorkshopError as error:
        here = f"fails: {index.redacted(_last(words))}" if words else "makes a wheel for one platform alone."
        raise WheelhouseError(
            f"{name} has no wheel for {target.name}. Its build on the controller {here}\n"
            f"In a container of the target's Debian it can't be built: {index.redacted(str(error))}\n{_REMEDY}"
        ) from None
    wheel = _result(place, target)
    if done.returncode or wheel is None:
        made = ", ".join(path.name for path in place.glob("*.whl"))
        said = f"it becomes {made}" if made else _last(done.stderr or done.stdout)
        said = index.redacted(said)
        raise WheelhouseError(f"{name} has no wheel for {target.name}, and its source makes none: {said}\n{_REMEDY}")
    return wheel


def _builder(wanted: list[str], place: Path, index: PackageIndex) -> list[str]:
    """Return the command that builds in a container; uv is handed files only, which pip may have to fetch."""
    if wanted[0].startswith("--"):
        return ["python3", *_PIP, "--wheel-dir", str(place), *wanted]
    constraints = [word for file in index.files() for word in ("--build-constraints", str(file))]
    # What pip would not read either: the settings of projects that use uv themselves.
    blind = ["--no-config", "--no-sources", "--no-create-gitignore", "--no-python-downloads"]
    options = [*blind, "--python", "/usr/bin/python3", *index.uv_options(), *constraints]
    return [uv(), "build", "--wheel", *options, "--out-dir", str(place), *wanted]


def _last(words: str) -> str:
    """Return the last lines of a build, without what pip says of every one that fails."""
    output, marker, _ = words.strip().rpartition("[end of output]")
    return "\n".join((output if marker else words).strip().splitlines()[-15:])

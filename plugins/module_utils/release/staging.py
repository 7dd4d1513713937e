"""A bundle on a host becomes a directory that never changes again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from ansible.module_utils.release.history import last_live
from ansible.module_utils.release.layout import Layout

STAGED = "manifest.json"


class StagingError(Exception):
    """The bundle can't be installed; the message carries the installer's words."""


def is_staged(layout: Layout, identifier: str) -> bool:
    """Tell whether a release's source and environment are complete."""
    release = layout.release(identifier)
    return (release / STAGED).is_file() and (release / "venv" / "bin" / "python").exists()


def harmless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member as tarfile's filter "data" would let it through: nothing outside, no devices, owned by root."""
    target = os.path.join(os.path.dirname(member.name), member.linkname) if member.issym() else member.linkname
    outside = [path for path in (member.name, target) if os.path.isabs(path) or os.path.normpath(path).startswith("..")]
    if outside or not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        raise tarfile.ExtractError(f"{member.name} is not a file inside the bundle")
    member.uid, member.gid, member.uname, member.gname = 0, 0, "", ""
    member.mode &= 0o755
    return member


def unpack(bundle: Path, scratch: Path) -> None:
    """Extract what was sent of a bundle: the source, the manifest, wheels."""
    try:
        with tarfile.open(bundle) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extractall(scratch, filter="data")
            else:
                # Debian 12's Python has no filters.
                tar.extractall(scratch, [harmless(member) for member in tar])
    except tarfile.TarError as error:
        raise StagingError(f"{bundle.name} is refused: {error}") from error


def twin(layout: Layout, identifier: str, venv: str) -> Path | None:
    """Return a staged release of the same bundle and environment, which differs in its configuration alone."""
    found = (layout.home / "releases").glob(f"{identifier.rpartition('-')[0]}-*")
    same = (path for path in found if (path / "venv").resolve() == layout.venv(venv).resolve())
    return next((path for path in same if is_staged(layout, path.name)), None)


def copy(release: Path, scratch: Path) -> None:
    """Put there what a bundle holds of a release: its source and its manifest."""
    # Compiled files name the release in which they were made.
    shutil.copytree(release / "source", scratch / "source", symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(release / STAGED, scratch / STAGED)


def lacking_wheels(layout: Layout, venv: str, wheels: dict[str, str]) -> list[str]:
    """Return which of the wheels, file name to SHA-256, this host needs; none where the environment is there already.

    Wheels are kept below wheels/ by their digest, so that a changed lock sends only what changed.
    """
    if layout.venv(venv).is_dir():
        return []
    return sorted(name for name, digest in wheels.items() if not (layout.wheels / digest / name).is_file())


def gather_wheels(layout: Layout, directory: Path) -> None:
    """Keep the wheels that came, and put those that are kept beside them, as the manifest of the bundle asks."""
    manifest = json.loads((directory.parents[1] / STAGED).read_text())
    for name, digest in manifest["wheels"][directory.name].items():
        kept, sent = layout.wheels / digest / name, directory / name
        if sent.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.unlink(missing_ok=True)
            kept.hardlink_to(sent)
        elif kept.is_file():
            sent.hardlink_to(kept)


def execute(*command: str, **environment: str) -> None:
    """Run a command with extra environment; raise with its output when it fails."""
    # Whatever serves on this host, or installs the services' packages at the same time, comes first.
    result = subprocess.run(
        ["nice", "-n", "10", *command], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    if result.returncode:
        raise StagingError(f"{' '.join(command[:4])} failed: {(result.stderr or result.stdout).strip()[-3000:]}")


def installer(layout: Layout, wheels: Path) -> Path:
    """Return uv, which comes as a wheel among the others; it is unpacked once and kept beside its wheel.

    Forty packages take it half a second where pip takes ten.
    """
    wheel = next(wheels.glob("uv-*.whl"), None)
    if wheel is None:
        raise StagingError(f"{wheels} holds no installer")
    digest = json.loads((wheels.parents[1] / STAGED).read_text())["wheels"][wheels.name][wheel.name]
    uv = layout.wheels / digest / "uv"
    if not uv.is_file():
        partial = uv.with_suffix(".partial")
        with zipfile.ZipFile(wheel) as archive, partial.open("wb") as file:
            name = next(name for name in archive.namelist() if name.endswith(".data/scripts/uv"))
            with archive.open(name) as source:
                shutil.copyfileobj(source, file)
        partial.chmod(0o755)
        partial.rename(uv)
    return uv


def venv_commands(uv: Path, wheels: Path, python: str, venv: Path) -> list[list[str]]:
    """Return what makes an environment of wheels: offline, checked against their hashes, compiled.

    Where there is one already, what it lacks is installed.
    """
    quiet = [str(uv), "--quiet", "--no-config"]
    made = [] if venv.is_dir() else [[*quiet, "venv", "--relocatable", "--python", python, str(venv)]]
    install = [
        *quiet, "pip", "install", "--offline", "--no-index", "--compile-bytecode",
        "--python", str(venv / "bin" / "python"), "--find-links", str(wheels),
        # The lock names all; where a project overrides what a package asks for, resolving would refuse it.
        "--require-hashes", "--no-deps", "--requirements", str(wheels / "requirements.lock"),
    ]  # fmt: skip
    return [*made, install]


def stage(
    layout: Layout, bundle: Path, identifier: str, kind: str, python: str, venv_name: str, writable: list[str],
    begun: Callable[[Path], object] = lambda venv: None,
) -> bool:  # fmt: skip
    """Make the release's directory; return False where it is there already.

    ``bundle`` is a file, or a release of the same bundle. The application's user owns nothing in it but the
    ``writable`` directories. ``begun`` puts there what was made of its environment before.

    Everything is made beside its place and renamed into it: what bears the final name is whole.
    """
    if is_staged(layout, identifier):
        return False
    # On a host with a stricter umask the application's user could not read its own release.
    umask = os.umask(0o022)
    scratch = Path(tempfile.mkdtemp(dir=layout.home, prefix=".staging-"))
    os.chmod(scratch, 0o755)
    try:
        (copy if bundle.is_dir() else unpack)(bundle, scratch)
        venv, wheels = layout.venv(venv_name), scratch / "wheels" / kind
        if not venv.is_dir():
            if not wheels.is_dir():
                raise StagingError(f"{bundle.name} holds no wheels for {kind}; build it for this target")
            gather_wheels(layout, wheels)
            begun(scratch / "venv")
            for command in venv_commands(installer(layout, wheels), wheels, python, scratch / "venv"):
                execute(*command, UV_CACHE_DIR=str(scratch / "cache"), UV_LINK_MODE="hardlink")
            (scratch / "venv").rename(venv)
        release, fresh = layout.release(identifier), scratch / "release"
        (fresh / "programs").mkdir(parents=True)
        (fresh / "venv").symlink_to(venv)
        (scratch / "source").rename(fresh / "source")
        places = ("-s", str(fresh), "-p", str(release))
        execute(python, "-m", "compileall", "-q", "-j", "0", *places, str(fresh / "source"))
        for name in writable:
            (fresh / name).mkdir(parents=True, exist_ok=True)
            shutil.chown(fresh / name, layout.app, layout.app)
        (scratch / STAGED).rename(fresh / STAGED)
        shutil.rmtree(release, ignore_errors=True)
        fresh.rename(release)
    finally:
        os.umask(umask)
        shutil.rmtree(scratch, ignore_errors=True)
    return True


def staged_at(layout: Layout, identifier: str) -> float:
    """Return when a release was staged, in seconds since 1970: its id tells of the source's age only."""
    launcher = layout.release(identifier) / "run"
    return launcher.stat().st_mtime if launcher.is_file() else 0


def prune(layout: Layout, keep: int, busy: list[str]) -> list[str]:
    """Remove releases beyond the newest ``keep``, and environments that none uses; return what was removed.

    The live one, the one before it and those of ``busy``, the names of programs that have yet to end, stay.
    """
    protected = {layout.current_id(), layout.previous_id()}
    releases = [path.name for path in (layout.home / "releases").iterdir()]
    releases.sort(key=lambda name: staged_at(layout, name), reverse=True)
    removed = [
        name for name in releases[keep:] if name not in protected and not any(name in program for program in busy)
    ]
    for name in removed:
        shutil.rmtree(layout.release(name))
        for log in layout.logs.glob(f"*-{name}*.log*"):
            log.unlink()
    remove_leftovers(layout)
    return removed


def remove_release(layout: Layout, identifier: str) -> None:
    """Remove one release's directory, and every link to it; its logs stay."""
    if layout.previous_id() == identifier:
        before = last_live(layout, but={identifier, layout.current_id()})
        if before:
            layout.point(layout.previous, layout.release(before))
        else:
            layout.previous.unlink()
    shutil.rmtree(layout.release(identifier), ignore_errors=True)
    # Before the first one is live the next attempt wants the same environment, which may have taken minutes.
    if layout.current_id():
        remove_leftovers(layout)


def remove_leftovers(layout: Layout) -> None:
    """Remove environments that no release uses, and what interrupted deploys began."""
    used = {(release / "venv").resolve() for release in (layout.home / "releases").iterdir()}
    for venv in (layout.home / "venvs").iterdir():
        if venv.resolve() not in used:
            shutil.rmtree(venv)
    manifests = [json.loads(path.read_text()) for path in (layout.home / "releases").glob(f"*/{STAGED}")]
    kept = {digest for manifest in manifests for wheels in manifest["wheels"].values() for digest in wheels.values()}
    for directory in layout.wheels.glob("*"):
        if directory.name not in kept:
            shutil.rmtree(directory)
    for scratch in (*layout.home.glob(".staging-*"), *layout.home.glob(".ahead-*")):
        shutil.rmtree(scratch, ignore_errors=True)

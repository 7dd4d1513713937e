"""A bundle on a host becomes a directory that never changes again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from ansible.module_utils.release.layout import Layout

STAGED = "manifest.json"


class StagingError(Exception):
    """The bundle can't be installed; the message carries the installer's words."""


def is_staged(layout: Layout, identifier: str) -> bool:
    """Tell whether a release's source and environment are complete."""
    release = layout.release(identifier)
    return (release / STAGED).is_file() and (release / "venv" / "bin" / "python").exists()


def unpack(bundle: Path, scratch: Path, kind: str) -> None:
    """Extract the source, the manifest and the wheels of one kind of target."""
    with tarfile.open(bundle) as tar:
        members = [m for m in tar if not m.name.startswith("wheels/") or m.name.startswith(f"wheels/{kind}")]
        if not any(member.name.startswith(f"wheels/{kind}/") for member in members):
            raise StagingError(f"{bundle.name} holds no wheels for {kind}; build it for this target")
        tar.extractall(scratch, members, filter="data")


def execute(*command: str, **environment: str) -> None:
    """Run a command with extra environment; raise with its output when it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if result.returncode:
        raise StagingError(f"{' '.join(command[:4])} failed: {(result.stderr or result.stdout).strip()[-3000:]}")


def make_venv(wheels: Path, python: str, venv: Path, scratch: Path) -> None:
    """Install the wheels, offline and checked against their hashes, and compile them.

    uv comes as a wheel among the others: forty packages take it half a second where pip takes ten.
    """
    tool = next(wheels.glob("uv-*.whl"), None)
    if tool is None:
        raise StagingError(f"{wheels} holds no installer")
    execute(python, "-m", "zipfile", "--extract", str(tool), str(scratch / "uv"))
    uv = next((scratch / "uv").glob("*.data/scripts/uv"))
    uv.chmod(0o755)
    execute(str(uv), "--quiet", "--no-config", "venv", "--relocatable", "--python", python, str(venv))
    execute(
        str(uv), "--quiet", "--no-config", "pip", "install", "--offline", "--no-index", "--compile-bytecode",
        "--python", str(venv / "bin" / "python"), "--find-links", str(wheels),
        "--require-hashes", "--requirements", str(wheels / "requirements.lock"),
        UV_CACHE_DIR=str(scratch / "cache"), UV_LINK_MODE="hardlink",
    )  # fmt: skip


def stage(
    layout: Layout, bundle: Path, identifier: str, kind: str, python: str, venv_name: str, writable: list[str]
) -> bool:
    """Make the release's directory; return False where it is there already.

    The application's user owns nothing in it but the ``writable`` directories.

    Everything is made beside its place and renamed into it: what bears the final name is whole.
    """
    if is_staged(layout, identifier):
        return False
    scratch = Path(tempfile.mkdtemp(dir=layout.home, prefix=".staging-"))
    os.chmod(scratch, 0o755)
    try:
        unpack(bundle, scratch, kind)
        venv = layout.venv(venv_name)
        if not venv.is_dir():
            make_venv(scratch / "wheels" / kind, python, scratch / "venv", scratch)
            (scratch / "venv").rename(venv)
        release = layout.release(identifier)
        shutil.rmtree(release, ignore_errors=True)
        release.mkdir(mode=0o755)
        (release / "programs").mkdir(mode=0o755)
        (release / "venv").symlink_to(venv)
        (scratch / "source").rename(release / "source")
        execute(python, "-m", "compileall", "-q", "-j", "0", str(release / "source"))
        for name in writable:
            (release / name).mkdir(parents=True)
            shutil.chown(release / name, layout.app, layout.app)
        (scratch / STAGED).rename(release / STAGED)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return True


def prune(layout: Layout, keep: int) -> list[str]:
    """Remove releases beyond the newest ``keep``, never the current or previous one, and unused environments."""
    protected = {link.readlink().name for link in (layout.current, layout.previous) if link.is_symlink()}
    releases = sorted((layout.home / "releases").iterdir(), reverse=True)
    removed = [release for release in releases[keep:] if release.name not in protected]
    for release in removed:
        shutil.rmtree(release)
        for log in layout.logs.glob(f"*-{release.name}.log*"):
            log.unlink()
    used = {(release / "venv").resolve() for release in releases if release not in removed}
    for venv in (layout.home / "venvs").iterdir():
        if venv.resolve() not in used:
            shutil.rmtree(venv)
    return [release.name for release in removed]

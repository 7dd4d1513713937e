"""A release as one file: source, wheels and manifest."""

from __future__ import annotations

import getpass
import hashlib
import io
import json
import os
import platform
import tarfile
import time
from functools import partial
from pathlib import Path

from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.source import Source
from ansible.module_utils.release.targets import Target
from ansible.module_utils.release.wheelhouse import lock_digest, wheels_of

FORMAT = 2


class BundleError(Exception):
    """A file that is no bundle; the message names it."""


def inputs_digest(
    source: Source, hooks: list[str], requirements: Requirements, targets: list[Target], means: Means
) -> str:
    """Return what decides whether a bundle can be used again."""
    parts = [str(FORMAT), source.digest, *hooks, *(lock_digest(requirements, target, means) for target in targets)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def find(dist: Path, app: str, digest: str) -> dict | None:
    """Return the manifest of the newest bundle made from the same inputs, or None."""
    for path in sorted(dist.glob(f"{app}-*.json"), reverse=True):
        manifest = json.loads(path.read_text())
        if manifest["inputs"] == digest and bundle_path(dist, manifest).is_file():
            return manifest
    return None


def bundle_path(dist: Path, manifest: dict) -> Path:
    """Return where a bundle lies: the same commit is another bundle for other kinds of targets."""
    return dist / f"{manifest['app']}-{manifest['id']}-{manifest['inputs'][:6]}.tar"


def read_manifest(path: Path) -> dict:
    """Return the manifest inside a bundle; raise BundleError where there is none."""
    try:
        with tarfile.open(path) as tar:
            return json.load(tar.extractfile("manifest.json"))
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise BundleError(f"{path} is no bundle: {error}") from error


def builder() -> str:
    """Return who builds, and where."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (KeyError, OSError):
        return f"{os.getuid()}@{platform.node()}"


def make_manifest(source: Source, app: str, inputs: str, wheelhouses: dict[str, Path]) -> dict:
    """Describe a release: its id is the UTC time of the source, which is that of its commit, and its revision."""
    names = [Path(name) for name in source.files]
    migrations = [
        f"{p.parent.parent.name}.{p.stem}" for p in names if p.parent.name == "migrations" and p.suffix == ".py"
    ]
    return {
        "format": FORMAT,
        "id": f"{time.strftime('%Y%m%d%H%M%S', time.gmtime(source.time))}-{source.revision}",
        "app": app,
        "revision": source.revision,
        "time": source.time,
        "inputs": inputs,
        "builder": builder(),
        "wheels": {name: wheels_of(directory) for name, directory in wheelhouses.items()},
        "venvs": {name: directory.name for name, directory in wheelhouses.items()},
        "migrations": sorted(name for name in migrations if not name.endswith("__init__")),
    }


def _unowned(member: tarfile.TarInfo, time: int) -> tarfile.TarInfo:
    """Drop what differs between builders: owner, writable bits and times, so that the same input has the same bytes."""
    member.mtime = time
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def write(dist: Path, source: Source, manifest: dict, wheelhouses: dict[str, Path]) -> Path:
    """Write the bundle and, beside it, its manifest; a bundle that is there is whole."""
    dist.mkdir(parents=True, exist_ok=True)
    final = bundle_path(dist, manifest)
    unfinished = final.with_suffix(".partial")
    text = json.dumps(manifest, indent=1, sort_keys=True).encode()
    unowned = partial(_unowned, time=manifest["time"])
    with tarfile.open(unfinished, "w") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size, member.mode, member.mtime = len(text), 0o644, manifest["time"]
        tar.addfile(member, io.BytesIO(text))
        for name in source.files:
            tar.add(source.root / name, arcname=f"source/{name}", recursive=False, filter=unowned)
        for name, directory in wheelhouses.items():
            tar.add(directory, arcname=f"wheels/{name}", filter=unowned)
    os.rename(unfinished, final)
    # Last and in one step: `find` trusts what it reads here.
    unfinished.write_bytes(text)
    os.rename(unfinished, final.with_suffix(".json"))
    return final


def write_part(whole: Path, part: Path, kind: str, wheels: list[str]) -> None:
    """Write a bundle without the wheels that a host has: the source, the lock of its kind, and ``wheels`` by name."""
    wanted = {f"wheels/{kind}/{name}" for name in (*wheels, "requirements.lock")}
    with tarfile.open(whole) as source, tarfile.open(part, "w") as target:
        for member in source:
            if not member.name.startswith("wheels/") or member.name in wanted:
                target.addfile(member, source.extractfile(member) if member.isreg() else None)


def write_wheels(directory: Path, part: Path, kind: str, wheels: dict[str, str], wanted: list[str]) -> None:
    """Write a bundle of some wheels of a directory and of their lock alone; ``wheels`` are all that it stands for."""
    text = json.dumps({"wheels": {kind: wheels}}).encode()
    with tarfile.open(part, "w") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size, member.mode = len(text), 0o644
        tar.addfile(member, io.BytesIO(text))
        for name in (*wanted, "requirements.lock"):
            tar.add(directory / name, arcname=f"wheels/{kind}/{name}", filter=partial(_unowned, time=0))

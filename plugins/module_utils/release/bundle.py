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
from pathlib import Path

from ansible.module_utils.release.source import Source
from ansible.module_utils.release.wheelhouse import Target, lock_digest, wheels_of

FORMAT = 1


def inputs_digest(source: Source, hooks: list[str], requirements: bytes, targets: list[Target], installer: str) -> str:
    """Return what decides whether a bundle can be used again."""
    parts = [str(FORMAT), source.digest, *hooks, *(lock_digest(requirements, target, installer) for target in targets)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def find(dist: Path, app: str, digest: str) -> dict | None:
    """Return the manifest of the newest bundle made from the same inputs, or None."""
    for path in sorted(dist.glob(f"{app}-*.json"), reverse=True):
        manifest = json.loads(path.read_text())
        if manifest["inputs"] == digest and bundle_path(dist, app, manifest["id"]).is_file():
            return manifest
    return None


def bundle_path(dist: Path, app: str, identifier: str) -> Path:
    """Return where the bundle of a release lies."""
    return dist / f"{app}-{identifier}.tar"


def builder() -> str:
    """Return who builds, and where."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (KeyError, OSError):
        return f"{os.getuid()}@{platform.node()}"


def make_manifest(source: Source, app: str, inputs: str, wheelhouses: dict[str, Path]) -> dict:
    """Describe a release: its id is the UTC time and the source's revision."""
    names = [Path(name) for name in source.files]
    migrations = [
        f"{p.parent.parent.name}.{p.stem}" for p in names if p.parent.name == "migrations" and p.suffix == ".py"
    ]
    return {
        "format": FORMAT,
        "id": f"{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{source.revision}",
        "app": app,
        "revision": source.revision,
        "inputs": inputs,
        "builder": builder(),
        "wheels": {name: wheels_of(directory) for name, directory in wheelhouses.items()},
        "venvs": {name: directory.name for name, directory in wheelhouses.items()},
        "migrations": sorted(name for name in migrations if not name.endswith("__init__")),
    }


def _unowned(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Drop what differs between builders: owner and writable bits."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def write(dist: Path, source: Source, manifest: dict, wheelhouses: dict[str, Path]) -> Path:
    """Write the bundle and, beside it, its manifest; a bundle that is there is whole."""
    dist.mkdir(parents=True, exist_ok=True)
    final = bundle_path(dist, manifest["app"], manifest["id"])
    partial = final.with_suffix(".partial")
    text = json.dumps(manifest, indent=1, sort_keys=True).encode()
    with tarfile.open(partial, "w") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size, member.mode, member.mtime = len(text), 0o644, int(time.time())
        tar.addfile(member, io.BytesIO(text))
        for name in source.files:
            tar.add(source.root / name, arcname=f"source/{name}", recursive=False, filter=_unowned)
        for name, directory in wheelhouses.items():
            tar.add(directory, arcname=f"wheels/{name}", filter=_unowned)
    os.rename(partial, final)
    # Last and in one step: `find` trusts what it reads here.
    partial.write_bytes(text)
    os.rename(partial, final.with_suffix(".json"))
    return final

"""Which files of which packages fulfil requirements on a target: asked of uv, nothing is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.targets import Target, WheelhouseError
from ansible.module_utils.release.workshop import Workshop, WorkshopError

#: What uv says where a package has to be built to be understood.
_BUILD = re.compile(r"failed to build|build backend|failed to (?:prepare|generate) .*metadata", re.IGNORECASE)


def uv() -> str:
    """Return the path of uv, which is among the controller's tools."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not found:
        raise WheelhouseError("uv is not among the controller's tools: run bin/bootstrap")
    return found


def resolve(
    file: Path, root: Path, target: Target, index: PackageIndex, workshop: Workshop, *, complete: bool
) -> dict[str, Any]:
    """Return a lock (PEP 751) of what a requirements file asks for, and unless it is ``complete`` needs in turn.

    Paths in the file are relative to ``root``, the source; in the lock to that as well. Raises WheelhouseError with
    uv's words.
    """
    options = [*target.uv_options(), *index.uv_options(), *(["--no-deps"] if complete else [])]
    command = ["pip", "compile", "--quiet", "--format", "pylock.toml", "--no-python-downloads", *options, str(file)]
    here = [uv(), *command, "--python", sys.executable]
    done = subprocess.run(here, cwd=root, capture_output=True, text=True, check=False, env=index.environment())
    words = done.stderr.strip()
    if done.returncode and _BUILD.search(words):
        # Its metadata, too, come from a build that the controller lacks something for.
        try:
            done = _in_container(workshop, command, file, root)
            words = f"{done.stderr.strip()}\nName the Debian packages that a build needs in app_build_packages."
        except WorkshopError as error:
            words += f"\nIn a container of the target's Debian it can't be built: {error}"
    if done.returncode:
        raise WheelhouseError(f"no wheels for {target.name}: {index.redacted(words)[-2500:]}")
    return tomllib.loads(done.stdout)


def _in_container(workshop: Workshop, command: list[str], file: Path, root: Path) -> subprocess.CompletedProcess[str]:
    own = ["--python", "/usr/bin/python3", "--directory", str(root)]
    with tempfile.TemporaryDirectory(prefix="cloche-resolve-") as scratch:
        return workshop.run(uv(), *command, *own, writable=Path(scratch), readable=[root, file.parent, Path(uv())])

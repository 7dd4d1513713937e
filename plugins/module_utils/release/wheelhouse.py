"""The wheels of one application for one kind of target, so that hosts install offline."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.release.markers import decide
from ansible.module_utils.release.wheel_cache import WheelCache

INCLUDE = re.compile(rb"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)", re.MULTILINE)


class WheelhouseError(Exception):
    """The wheels can't be had; the message carries pip's words."""


@dataclass(frozen=True)
class Target:
    """An interpreter on a kind of host: ``python`` as ``3.13``, ``machine`` as ``x86_64``, ``glibc`` as ``2.41``.

    ``python_full`` as ``3.13.5``: there are markers that tell 3.11.2 from 3.11.3. Where it is not given, pip judges
    markers by the controller's own.
    """

    python: str
    machine: str
    glibc: str
    python_full: str = ""

    @property
    def name(self) -> str:
        return f"cp{self.python.replace('.', '')}-{self.machine}"

    def pip_options(self) -> list[str]:
        """Return the options that make pip choose wheels for this target instead of for the controller."""
        major, newest = (int(part) for part in self.glibc.split("."))
        platforms = [f"manylinux_{major}_{minor}_{self.machine}" for minor in range(newest, 4, -1)]
        platforms += [f"{name}_{self.machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
        abi = f"cp{self.python.replace('.', '')}"
        options = ["--python-version", self.python, "--implementation", "cp"]
        for tag in (abi, "abi3", "none"):
            options += ["--abi", tag]
        for platform in platforms:
            options += ["--platform", platform]
        return options


def content_of(requirements: Path) -> bytes:
    """Return a requirements file with the files it includes (``-r``, ``-c``): together they decide the wheels."""
    content, pending, seen = b"", [requirements], set()
    while pending:
        path = pending.pop()
        if path.resolve() in seen or not path.is_file():
            continue
        seen.add(path.resolve())
        text = path.read_bytes()
        content += text
        pending += [path.parent / os.fsdecode(name) for name in INCLUDE.findall(text)]
    return content


def lock_digest(requirements: bytes, target: Target, tools: str) -> str:
    """Return 12 hex digits for what a wheelhouse is made from."""
    return hashlib.sha256(requirements + f"{target}{tools}".encode()).hexdigest()[:12]


def fetch(requirements: Path, target: Target, destination: Path, installer: str, kept: Path) -> None:
    """Bring the wheels of a requirements file, and of the pinned installer, into a directory.

    Of a lock, only what no lock before it had: those are kept below ``kept``.
    """
    cache = WheelCache(kept, str(target))
    decided = decide(requirements.read_text(), target.python_full, target.machine) if target.python_full else None
    lacking = cache.take(decided.splitlines() if decided is not None else [], destination)
    tool = cache.take([installer], destination)
    wanted = [["--no-deps", name] for name in tool]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as lock:
        lock.write("\n".join(lacking))
        lock.flush()
        if decided is None:
            wanted.append(["--requirement", str(requirements)])
        elif lacking:
            # A lock names all; what pip would add is what the markers of its own interpreter ask for.
            wanted.append(["--no-deps", "--require-hashes", "--requirement", lock.name])
        download(wanted, target, destination)
    cache.keep([*lacking, *tool], destination)


def download(wanted: list[list[str]], target: Target, destination: Path) -> None:
    """Let pip fetch wheels for a target into a directory, each of ``wanted`` by a process of its own."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
    command = [*pip, "--only-binary=:all:", *target.pip_options(), "--dest", str(destination)]
    # Side by side: each spends most of its time on the network.
    downloads = [
        subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for arguments in wanted
    ]
    complaints = [process.communicate()[1] for process in downloads]
    for process, complaint in zip(downloads, complaints, strict=True):
        if process.returncode:
            raise WheelhouseError(
                f"no wheels for {target.name}: {complaint.strip()[-2000:]}\n"
                "Every requirement needs a wheel for the targets' Python; choose versions that have one."
            )


def wheels_of(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each wheel in a directory."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.glob("*.whl"))}


def write_lock(directory: Path, excluded: str) -> None:
    """Write ``requirements.lock``: exactly the wheels of the directory, each with its hash, but for the tool's."""
    lines = []
    for name, digest in wheels_of(directory).items():
        project, version = re.match(r"([^-]+)-([^-]+)-", name).groups()
        if project != excluded:
            lines.append(f"{project}=={version} --hash=sha256:{digest}")
    (directory / "requirements.lock").write_text("\n".join(lines) + "\n")


def prepare(requirements: Path, target: Target, cache: Path, installer: str) -> Path:
    """Return the directory with the wheels for a target, from the cache while the requirements are the same.

    ``installer`` is the pinned requirement of uv, which travels with the wheels: on the host it installs forty of
    them in half a second.
    """
    directory = cache / f"{target.name}-{lock_digest(content_of(requirements), target, installer)}"
    if directory.is_dir():
        return directory
    cache.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=cache, prefix=".partial-"))
    try:
        fetch(requirements, target, scratch, installer, cache / "by-entry")
        write_lock(scratch, installer.partition("==")[0])
        os.chmod(scratch, 0o755)
        os.rename(scratch, directory)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return directory

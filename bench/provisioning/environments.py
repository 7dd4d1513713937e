"""Environments of their own for what the controller's does not hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from provisioning.process import ROOT, package_environment, run


def install(lock: Path, venv: Path) -> Path:
    """Install a lock into an environment of its own, once for each content of the lock, and return its Python.

    Raises BenchError.
    """
    digest, mark, python = hashlib.sha256(lock.read_bytes()).hexdigest(), venv / ".locks", venv / "bin/python"
    if mark.is_file() and mark.read_text() == digest:
        return python
    uv, environment = ROOT / ".venv/bin/uv", package_environment()
    run(uv, "venv", "--clear", "--python", ROOT / ".venv/bin/python", venv, timeout=60, env=environment)
    run(uv, "pip", "install", "--python", python, "--require-hashes", "-r", lock, timeout=300, env=environment)
    mark.write_text(digest)
    return python

"""What provisioning can't go below: apt's transaction, and the installation of the application's dependencies."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import yaml

from provisioning.process import ROOT, BenchError, docker, package_environment, run

_IMAGE = "cloche/lab:trixie"


def apt(name: str, packages: list[str]) -> float:
    """Install packages in a fresh host named ``name``; return the seconds from `apt-get update` to the end.

    The host has booted before, and services start as their packages want it.
    """
    capabilities = yaml.safe_load((ROOT / "roles/lab/defaults/main.yml").read_text())["lab_capabilities"]
    options = [f"--cap-add={capability}" for capability in capabilities]
    options += ["--security-opt=seccomp=unconfined", "--tmpfs=/run", "--tmpfs=/run/lock", "--pull=never"]
    remove_apt(name)
    try:
        docker("run", "--detach", f"--name={name}", f"--hostname={name}", *options, _IMAGE)
        await_boot(name)
        install = "apt-get update -q && apt-get install -y -q --no-install-recommends " + " ".join(packages)
        command = ("docker", "exec", "--env=DEBIAN_FRONTEND=noninteractive", name, "sh", "-c", install)
        return run(*command, timeout=900).seconds
    finally:
        remove_apt(name)


def await_boot(name: str) -> None:
    """Wait until systemd has started everything; while its bus is not there yet, even `--wait` returns at once."""
    for _ in range(60):
        state = docker("exec", name, "systemctl", "is-system-running", "--wait", ok=(0, 1)).decode().strip()
        if state in {"running", "degraded"}:
            return
        time.sleep(0.5)
    raise BenchError(f"{name} has not booted")


def remove_apt(name: str) -> None:
    """Remove the host of ``apt``."""
    docker("rm", "--force", "--volumes", name, ok=(0, 1))


def uv() -> float:
    """Install app/requirements.txt into a fresh environment, from a cold cache; return the seconds.

    On the controller: only there uv has the index, the proxy and the certificate authorities that the kit's own
    download uses, and no second network path is measured.
    """
    with tempfile.TemporaryDirectory(prefix="cloche-bench-uv-") as scratch:
        venv = Path(scratch) / "venv"
        environment = {**package_environment(), "UV_CACHE_DIR": str(Path(scratch) / "cache")}
        program, python = ROOT / ".venv/bin/uv", ROOT / ".venv/bin/python"
        made = run(program, "venv", "--python", python, venv, timeout=60, env=environment).seconds
        install = (program, "pip", "install", "--python", venv / "bin/python", "-r", ROOT / "app/requirements.txt")
        return made + run(*install, timeout=300, env=environment).seconds

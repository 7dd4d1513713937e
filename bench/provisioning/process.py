"""Programs that are measured: bounded in time, ended with all their children, their output kept."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Finished:
    """A program that has ended: its wall-clock seconds and what it wrote."""

    seconds: float
    stdout: bytes
    stderr: bytes


class BenchError(Exception):
    """Something could not be measured; the message says what, with the end of the program's output."""


def run(
    *command: str | Path,
    timeout: float,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    ok: tuple[int, ...] = (0,),
) -> Finished:
    """Run a program to its end; ``timeout`` is in seconds. Raises BenchError for an exit code that is not in ``ok``."""
    arguments = [str(part) for part in command]
    began = time.monotonic()
    process = subprocess.Popen(
        arguments,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{arguments[0]} has not ended after {timeout:.0f} s") from None
    finally:
        if process.returncode is None:
            _kill_tree(process.pid)
            process.wait()
    seconds = time.monotonic() - began
    if process.returncode not in ok:
        tail = (stdout[-3000:] + stderr[-3000:]).decode(errors="replace")
        raise BenchError(f"{' '.join(arguments)[:200]} ended with {process.returncode}:\n{tail}")
    return Finished(seconds, stdout, stderr)


def _kill_tree(root: int) -> None:
    """Kill a process and all below it: Ansible's workers open sessions of their own, so no group holds them."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # Behind the name, which may hold anything: state, parent.
            children.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except OSError:
            continue
    doomed = [root]
    for pid in doomed:
        doomed += children.get(pid, [])
    for pid in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def docker(*arguments: str, timeout: float = 60, stdin: bytes | None = None, ok: tuple[int, ...] = (0,)) -> bytes:
    """Run a command of the container engine and return its output."""
    return run("docker", *arguments, timeout=timeout, stdin=stdin, ok=ok).stdout


def package_environment() -> dict[str, str]:
    """Return what uv must be told: it reads neither pip's index nor the host's certificate authorities by itself."""
    python = ROOT / ".venv/bin/python"
    index = run(python, "-m", "pip", "config", "get", "global.index-url", timeout=30, ok=(0, 1))
    environment = {}
    text = index.stdout.decode().strip()
    if text.startswith(("http", "file")):
        environment["UV_DEFAULT_INDEX"] = os.environ.get("UV_DEFAULT_INDEX", text)
    if _CA_BUNDLE.is_file():
        environment["SSL_CERT_FILE"] = os.environ.get("SSL_CERT_FILE", str(_CA_BUNDLE))
    return environment

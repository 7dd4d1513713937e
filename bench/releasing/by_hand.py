"""One step of a release by hand, on the host: `python - RELEASE STEP`; the last line is {"seconds": ...}."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE = 60


def execute(*command: str, **environment: str) -> None:
    """Run a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")


def program(release: Path, kind: str) -> list[str]:
    """Return the command of the release's first program of a kind, without its launcher."""
    path = min((release / "programs").glob(f"*-{kind}-*.conf"))
    parser = configparser.RawConfigParser()
    parser.read(path)
    section = parser[parser.sections()[0]]
    return shlex.split(section["command"].replace("%%", "%"))[1:]


def install(release: Path, scratch: Path) -> float:
    """Install the release's wheels into a new environment; uv itself is unpacked before."""
    manifest = json.loads((release / "manifest.json").read_text())
    [wheels] = manifest["wheels"].values()
    house = scratch / "wheels"
    house.mkdir()
    for name, digest in wheels.items():
        (house / name).hardlink_to(release.parents[1] / "wheels" / digest / name)
    tool = next(house.glob("uv-*.whl"))
    execute("python3", "-m", "zipfile", "--extract", str(tool), str(scratch / "uv"))
    uv = next((scratch / "uv").glob("*.data/scripts/uv"))
    uv.chmod(0o755)
    tool.unlink()
    began = time.monotonic()
    execute(str(uv), "--no-config", "venv", "--python", "python3", str(scratch / "venv"))
    found = [str(path) for path in house.glob("*.whl")]
    offline = [
        "--offline",
        "--no-index",
        "--no-deps",
        "--compile-bytecode",
        "--python",
        str(scratch / "venv/bin/python"),
    ]
    execute(
        str(uv), "--no-config", "pip", "install", *offline, *found,
        UV_CACHE_DIR=str(scratch / "cache"), UV_LINK_MODE="hardlink",
    )  # fmt: skip
    return time.monotonic() - began


def collectstatic(release: Path, scratch: Path) -> float:
    began = time.monotonic()
    execute("python", "manage.py", "collectstatic", "--noinput", STATIC_ROOT=str(scratch / "static"))
    return time.monotonic() - began


def migrate(release: Path, scratch: Path) -> float:
    began = time.monotonic()
    execute("python", "manage.py", "migrate", "--check")
    return time.monotonic() - began


@contextlib.contextmanager
def running(command: list[str], log: Path):
    """Start a program, and end it."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def worker(release: Path, scratch: Path) -> float:
    """Start a worker under another name, on a queue that gets nothing; who asks it has loaded Celery before."""
    from celery.app.utils import find_app

    command = program(release, "worker")
    app = find_app(command[command.index("-A") + 1])
    node = f"bench-by-hand@{socket.gethostname()}"
    command = [f"--hostname={node}" if part.startswith("--hostname=") else part for part in command]
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=5)
        began = time.monotonic()
        with running(command, scratch / "log"):
            while time.monotonic() < began + PATIENCE:
                if app.control.ping(destination=[node], timeout=0.1, connection=connection):
                    return time.monotonic() - began
    sys.exit("the worker gives no answer")


def web(release: Path, scratch: Path) -> float:
    """Start gunicorn on another socket, and connect until it answers."""
    path = str(scratch / "web.sock")
    began = time.monotonic()
    with running([*program(release, "web"), "--bind", f"unix:{path}"], scratch / "log"):
        while time.monotonic() < began + PATIENCE:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PATIENCE)
                client.connect(path)
                client.sendall(
                    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
                )
                if client.recv(9) == b"HTTP/1.1 ":
                    return time.monotonic() - began
            time.sleep(0.02)
    sys.exit("gunicorn gives no answer")


STEPS = {step.__name__: step for step in (install, collectstatic, migrate, worker, web)}

if __name__ == "__main__":
    home = Path(sys.argv[1])
    # Beside the releases links between files hold; who is not root has no place there.
    place = home.parents[1] if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="by-hand-", dir=place) as directory:
        print(json.dumps({"seconds": STEPS[sys.argv[2]](home, Path(directory))}))

"""What the tests of this scenario share: its hosts, and a client on one of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ADDRESS = "198.18.64.10"
BALANCERS, WEB = ("bal-1", "bal-2"), ("bal-web-1", "bal-web-2")
#: Where requests come from; the address is that of its own network's interface.
CLIENT, FROM = "bal-web-2", "198.18.64.12"


def run(host: str, script: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a script as root on a host, whatever comes of it."""
    argv = ["docker", "exec", "-i", host, "bash", "-uo", "pipefail", "-ec", script]
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)


def shell(host: str, script: str, timeout: float = 60) -> str:
    """Run a script as root on a host and return what it prints; fail where it does."""
    done = run(host, script, timeout)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; ``headers`` has lower-case names. Status 0: none."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def seen(self) -> dict[str, Any]:
        """What the application saw: host, size of the body in bytes, headers."""
        return json.loads(self.body)


def command(url: str, *options: str) -> list[str]:
    """Return the command that asks for a URL at the shared address, whatever its name."""
    everywhere = ("--connect-to", f"::{ADDRESS}:", "--max-time", "30", "--noproxy", "*")
    return ["docker", "exec", CLIENT, "curl", "-sSki", *everywhere, *options, url]


def fetch(url: str, *options: str) -> Answer:
    """Ask for a URL at the shared address."""
    return parsed(
        subprocess.run(command(url, *options), capture_output=True, text=True, timeout=60, check=False).stdout
    )


def fetch_all(*wanted: tuple[str, ...]) -> Iterator[Answer]:
    """Ask for several URLs, each with its options, at the same time; the answers come in their order."""
    running = [subprocess.Popen(command(*one), stdout=subprocess.PIPE, text=True) for one in wanted]
    for process in running:
        yield parsed(process.communicate(timeout=60)[0])


def client(name: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a program of clients/ where requests come from; what it prints is the caller's to read."""
    argv = ["docker", "exec", "-i", CLIENT, "python3", "-", *arguments]
    program = (Path(__file__).parent / "clients" / f"{name}.py").open()
    return subprocess.Popen(argv, stdin=program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def parsed(text: str) -> Answer:
    """Return an answer as curl prints it."""
    if not text:
        return Answer(0, {}, "")
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Answer(int(first.split()[1]), {name.lower(): value for name, value in headers.items()}, body)


def holders() -> list[str]:
    """Return the balancers that have the shared address."""
    return [name for name in BALANCERS if f" {ADDRESS}/" in run(name, "ip -oneline address").stdout]


def states(host: str = BALANCERS[0]) -> dict[str, str]:
    """Return what a balancer thinks of each web host: UP, NOLB, DOWN."""
    ask = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/balancer/admin.sock');"
    ask += "s.sendall(b'show stat\\n'); print(s.makefile().read())"
    rows = [line.split(",") for line in shell(host, f'python3 -c "{ask}"').splitlines()]
    return {row[1]: row[17].split()[0] for row in rows if row[0] == "garden" and row[1] in WEB}


def requests(host: str) -> list[str]:
    """Return the requests that the application on a web host has seen."""
    return shell(host, "cat /var/lib/application/requests 2>/dev/null || true").splitlines()


@contextmanager
def changed(host: str, change: str, back: str) -> Iterator[None]:
    """Run a script on a host, and another when the block is over."""
    shell(host, change)
    try:
        yield
    finally:
        shell(host, back)

"""What the tests of this scenario share: a client, and servers that echo what reaches them."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

HOSTILE = "p% $#'\"\\:@/ ü"  # stands in converge.yml as well


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: `headers` has lower-case names and keeps every value of a name in a list."""

    status: int
    headers: dict[str, list[str]]
    body: str

    @property
    def seen(self) -> dict[str, Any]:
        """What echo.py saw: path, method, size of the body in bytes, headers."""
        return json.loads(self.body)


@pytest.fixture
def operator() -> tuple[str, str]:
    """Return name and password of the operator that converge.yml made."""
    made = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "ada").read_text(encoding="utf-8").strip()
    return "ada", HOSTILE + made


@pytest.fixture
def fetch(host: Host) -> Callable[..., Answer]:
    """Return a function that asks the nginx of this host for a URL, whatever its name; status 0 for no answer."""

    def run(url: str, *options: str) -> Answer:
        everywhere = ("--connect-to", "::127.0.0.1:", "--path-as-is", "--http1.1", "--max-time", "15")
        command = ["curl", "-sSki", *everywhere, *options, url]
        result = host.run(" ".join(["%s"] * len(command)), *command)
        if not result.stdout:
            return Answer(0, {}, result.stderr)
        head, _, body = result.stdout.replace("\r\n", "\n").partition("\n\n")
        first, *lines = head.split("\n")
        headers: dict[str, list[str]] = {}
        for name, _, value in (line.partition(": ") for line in lines):
            headers.setdefault(name.lower(), []).append(value)
        return Answer(int(first.split()[1]), headers, body)

    return run


@pytest.fixture
def write(host: Host) -> Callable[[str, str], None]:
    """Return a function that writes a file on the host, with the directories above it."""

    def run(path: str, text: str) -> None:
        host.check_output("install -D -m 0644 /dev/null %s && printf %%s %s > %s", path, text, path)

    return run


@pytest.fixture
def echo(host: Host) -> Iterator[Callable[[str], str]]:
    """Return a function that starts an echo on a socket or port and names its unit; all end with the test."""
    units: list[str] = []

    def start(where: str) -> str:
        unit = f"echo-{time.monotonic_ns()}"
        units.append(unit)
        if where.startswith("/"):
            host.check_output("install -d -o www-data $(dirname %s)", where)
        host.check_output(
            "systemd-run --quiet --collect --unit %s --uid www-data /usr/local/bin/echo.py %s", unit, where
        )
        ready = f"test -S {where}" if where.startswith("/") else f"ss -Hltn sport = :{where} | grep -q ."
        deadline = time.monotonic() + 10
        while host.run(ready).rc != 0:
            assert time.monotonic() < deadline, host.check_output("journalctl --no-pager -n 20 -u %s", unit)
            time.sleep(0.1)
        return unit

    host.check_output("rm -rf /srv/garden /srv/orchard")
    yield start
    for unit in units:
        host.run("systemctl stop %s", unit)  # a test may have stopped it
    host.check_output("rm -rf /srv/garden /srv/orchard")

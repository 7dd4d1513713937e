"""Before an old web process is told to end: whoever waits at its socket is let in."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
import time
from pathlib import Path

import handover_samples
import pytest
from ansible.module_utils.release import handover
from handover_samples import OLD, OLD_WEB


@pytest.fixture
def release(monkeypatch, tmp_path_factory):
    return handover_samples.make(monkeypatch, tmp_path_factory.mktemp("h"))[0]


@pytest.fixture
def queue(release):
    """Return a listening socket of the old release, as its gunicorn has it, and a way to open connections to it."""
    path = release.layout.socket(OLD)
    path.parent.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(path))
        server.listen(8)

        def connect():
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(path))

        yield server, connect


@pytest.mark.skipif(not shutil.which("ss"), reason="ss, of Debian's iproute2, is not on this machine")
@pytest.mark.parametrize("program", [OLD_WEB, f"{OLD_WEB}.2"])
def test_connections_that_wait_at_the_old_socket_are_waited_for(release, queue, program):
    server, connect = queue
    path = str(release.layout.socket(OLD))
    assert handover.waiting(path) == 0
    for _ in range(3):
        connect()
    assert handover.waiting(path) == 3
    accepted = []

    def accept():
        for _ in range(3):
            time.sleep(0.1)
            server.accept()[0].close()
            accepted.append(time.monotonic())

    thread = threading.Thread(target=accept)
    thread.start()
    release.await_backlog([program], timeout=10)
    ended = time.monotonic()
    thread.join()
    assert len(accepted) == 3
    assert accepted[-1] <= ended


@pytest.mark.skipif(not shutil.which("ss"), reason="ss, of Debian's iproute2, is not on this machine")
def test_connections_that_nobody_accepts_are_waited_for_no_longer_than_told(release, queue):
    queue[1]()
    begun = time.monotonic()
    release.await_backlog([OLD_WEB], timeout=0.3)
    assert 0.3 <= time.monotonic() - begun < 3


def fake_ss(directory: Path, monkeypatch, *answers: str) -> Path:
    """Put a `ss` on the path that prints one answer after the other; return where it notes its arguments."""
    for number, answer in enumerate(answers):
        (directory / f"answer{number}").write_text(answer)
    tool = directory / "ss"
    tool.write_text(
        f'#!/bin/sh\ncd {directory}\nn=$(cat asked 2>/dev/null | wc -l)\necho "$@" >> asked\n'
        f"[ -e answer$n ] || n={len(answers) - 1}\ncat answer$n\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=os.pathsep)
    return directory / "asked"


def test_what_ss_says_is_understood_and_one_quiet_look_is_not_enough(release, tmp_path, monkeypatch):
    """nginx may have read the link just before it moved, and connect just after the first look."""
    path = release.layout.socket(OLD)
    answers = [f"u_str LISTEN {number} 2048 {path} 884313 * 0\n" for number in (2, 0, 1, 0, 0, 7)]
    asked = fake_ss(tmp_path, monkeypatch, *answers)
    release.await_backlog([OLD_WEB], timeout=20)
    assert asked.read_text().splitlines() == [f"--no-header --unix --listening src unix:{path}"] * 5


def test_a_socket_that_is_gone_has_nobody_waiting(release, tmp_path, monkeypatch):
    asked = fake_ss(tmp_path, monkeypatch, "")
    release.await_backlog([OLD_WEB], timeout=20)
    assert len(asked.read_text().splitlines()) == 2

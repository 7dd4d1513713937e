"""An application's own commands, run in the environment of one of its releases."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

from ansible.module_utils.release.layout import Layout

SHELL = ("bash", "-euo", "pipefail", "-c")
#: Seconds between TERM and KILL for a command that takes too long.
GRACE = 10
#: Characters of its output that are shown when it fails.
SHOWN = 3000


class CommandError(Exception):
    """A command failed or took too long; the message has the end of what it printed."""


def execute(layout: Layout, release: str, command: str, timeout: float) -> str:
    """Run a command of bash as the application's user, and return what it printed; raise CommandError.

    ``timeout`` in seconds bounds it; what it leaves running ends with it. Whatever serves on this host comes first.
    """
    argv = ["nice", "-n", "10", str(layout.release(release) / "run"), *SHELL, command]
    # A session of its own: what it starts can be ended with it.
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        start_new_session=True,
    )  # fmt: skip
    try:
        output = process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        raise CommandError(f"`{command}` did not end within {timeout:g} s\n{_end(process)}".strip()) from None
    finally:
        _signal(process, signal.SIGKILL)
    if process.returncode:
        raise CommandError(f"`{command}` ended with status {process.returncode}\n{_shown(output)}".strip())
    return output


def _end(process: subprocess.Popen) -> str:
    """End a command and what it started; return the end of what it printed."""
    _signal(process, signal.SIGTERM)
    try:
        output = process.communicate(timeout=GRACE)[0]
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        output = process.communicate()[0]
    return _shown(output)


def _signal(process: subprocess.Popen, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _shown(output: str) -> str:
    return output.strip()[-SHOWN:]

"""The connections of a listening unix socket, as the kernel counts them."""

from __future__ import annotations

import subprocess


def waiting(path: str) -> int:
    """Return how many connections to a listening unix socket its process has yet to accept."""
    line = _ask("--listening", path)[:1]
    # Netid, State, Recv-Q: of a listening socket the length of its queue.
    return int(line[0].split()[2]) if line else 0


def under_way(path: str) -> int:
    """Return how many connections a process holds that listens on a unix socket."""
    return len(_ask("state", "connected", path))


def _ask(*which: str) -> list[str]:
    *options, path = which
    command = ["ss", "--no-header", "--unix", *options, "src", f"unix:{path}"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()

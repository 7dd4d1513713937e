"""The run of ansible-playbook that a task belongs to: who, from where, since when."""

from __future__ import annotations

import getpass
import os
import platform
import time
from pathlib import Path
from typing import Any


def started(pid: int) -> str | None:
    """Return when a process of this machine began, in ticks since boot, or None where there is none of that number."""
    try:
        # Behind the name, which may hold anything, in parentheses.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def boot() -> str:
    """Return what tells this boot of the machine from another."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def this_run() -> dict[str, Any]:
    """Describe the run of ansible-playbook: tasks are its forks, so it is their parent."""
    pid = os.getppid()
    user = os.environ.get("SUDO_USER") or getpass.getuser()
    identity = {"host": platform.node(), "boot": boot(), "pid": pid, "started": started(pid)}
    return {
        "token": "-".join(str(part) for part in identity.values()),
        "who": f"{user}@{platform.node()}",
        "at": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        "epoch": time.time(),
        **identity,
    }

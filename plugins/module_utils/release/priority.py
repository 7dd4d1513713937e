"""New programs boot behind what serves: importing an application takes seconds of a processor."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.module_utils.release.supervisor import Supervisor

BOOTING, USUAL = 10, 0
CAP_SYS_NICE = 23


def may_raise() -> bool:
    """Tell whether this process may give others a better priority: root may, except in most containers."""
    status = Path("/proc/self/status").read_text()
    effective = int(status.partition("CapEff:")[2].split()[0], 16)
    return bool(effective & 1 << CAP_SYS_NICE)


def children() -> dict[int, list[int]]:
    """Return the processes of this host by their parent."""
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # Behind the name, which may hold anything, in parentheses.
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        found.setdefault(parent, []).append(int(path.parent.name))
    return found


def set_priority(pids: list[int], priority: int) -> None:
    """Give processes and all their descendants a nice value; a process that has ended meanwhile is passed over.

    Does nothing where it could not be undone.
    """
    if not may_raise():
        return
    by_parent, pending = children(), list(pids)
    while pending:
        pid = pending.pop()
        pending += by_parent.get(pid, [])
        try:
            os.setpriority(os.PRIO_PROCESS, pid, priority)
        except ProcessLookupError:
            continue


def end_boot(supervisor: Supervisor, app: str) -> None:
    """Give every program of an application the usual priority."""
    programs = [name for name in supervisor.states() if name.startswith(f"{app}-")]
    set_priority(supervisor.pids(programs), USUAL)

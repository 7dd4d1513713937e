"""New programs boot behind what serves: importing an application takes seconds of a processor."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from ansible.module_utils.release.supervisor import Supervisor

# A process of the policy IDLE is put aside the moment that any other wants to run; niceness lets it end its slice.
BOOTING, ENDING, USUAL = os.SCHED_IDLE, os.SCHED_IDLE, os.SCHED_OTHER
# On a host without an idle moment a program would never come up: after so many seconds it is like all others.
YIELDING_SECONDS = 15.0
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
        with contextlib.suppress(OSError):
            # Behind the name, which may hold anything, in parentheses.
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(int(path.parent.name))
    return found


def set_policy(pids: list[int], policy: int) -> None:
    """Give processes and all their descendants a scheduling policy; one that has ended meanwhile is passed over.

    Does nothing where it could not be undone.
    """
    if not may_raise():
        return
    by_parent, pending = children(), list(pids)
    while pending:
        pid = pending.pop()
        pending += by_parent.get(pid, [])
        # Each thread has a policy of its own.
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            with contextlib.suppress(OSError):
                os.sched_setscheduler(int(thread.name), policy, os.sched_param(0))


def begin_boot(pids: list[int]) -> None:
    """Put processes behind all others, for some seconds at most while this process lives."""
    if pids:
        set_policy(pids, BOOTING)
        timer = threading.Timer(YIELDING_SECONDS, set_policy, (pids, USUAL))
        timer.daemon = True
        timer.start()


def end_boot(supervisor: Supervisor, app: str) -> None:
    """Give every program of an application the usual policy."""
    programs = [name for name in supervisor.states() if name.startswith(f"{app}-")]
    set_policy(supervisor.pids(programs), USUAL)

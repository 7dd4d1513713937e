"""The applications' programs on the host: which there must be, and which there are."""

from __future__ import annotations

import re

from testinfra.host import Host

EXPECTED = {
    "garden": ["beat", "flower", "web", "worker-default", "worker-slow"],
    "orchard": ["beat", "web", "worker-all"],
}
#: What a release's programs are called: <application>-<kind>[-<name>]-<release>.
NAME = re.compile(r"(?P<app>[a-z]+)-(?P<program>[a-z]+(?:-[a-z]+)?)-\d{14}-")


def main_pid(host: Host, unit: str) -> int:
    """Return the main process of a unit, 0 where it does not run."""
    return int(host.check_output("systemctl show --property=MainPID --value %s", unit))


def supervised(host: Host) -> dict[str, list[str]]:
    """Return the programs that run under supervisor, by application."""
    found: dict[str, list[str]] = {name: [] for name in EXPECTED}
    for line in host.run("supervisorctl status").stdout.splitlines():
        name, state = line.split()[:2]
        match = NAME.match(name.rpartition(":")[2])
        if match and state in {"RUNNING", "STARTING"}:
            found[match["app"]].append(match["program"])
    return {name: sorted(programs) for name, programs in found.items()}


def processes(host: Host) -> dict[int, tuple[int, str, str]]:
    """Return every process: its parent, user and command line."""
    found = {}
    for line in host.check_output("ps -ww -eo pid=,ppid=,user:32=,args=").splitlines():
        pid, parent, user, command = line.split(None, 3)
        found[int(pid)] = (int(parent), user, command)
    return found


def strays(host: Host) -> list[str]:
    """Return the applications' processes that no living supervisord has started: a second set."""
    running, root = processes(host), main_pid(host, "supervisor")

    def belongs(pid: int) -> bool:
        while pid in running and pid != root:
            pid = running[pid][0]
        return pid == root

    return [command for pid, (_, user, command) in running.items() if user in EXPECTED and not belongs(pid)]


def kinds(host: Host) -> dict[str, list[str]]:
    """Return what supervisord's own children are, by the user they run as, from their command lines.

    One entry for each; a program twice is a kind twice, whatever supervisord believes.
    """
    found: dict[str, list[str]] = {}
    root = main_pid(host, "supervisor")
    for parent, user, command in processes(host).values():
        if root and parent == root:
            found.setdefault(user, []).append(kind_of(command))
    return {user: sorted(those) for user, those in found.items()}


def kind_of(command: str) -> str:
    """Return web, worker, beat or flower for a command line, with or without setproctitle."""
    patterns = {"web": r"gunicorn", "flower": r"\bflower\b", "beat": r"\bbeat\b", "worker": r"\bworker\b|celeryd"}
    return next((kind for kind, pattern in patterns.items() if re.search(pattern, command)), command)


def expected_kinds() -> dict[str, list[str]]:
    """Return what kinds() must be."""
    return {name: sorted(program.split("-")[0] for program in those) for name, those in EXPECTED.items()}


def complete(host: Host) -> bool:
    """Return whether exactly one of each program runs and nothing beside them."""
    return kinds(host) == expected_kinds() and strays(host) == []

"""What happens to who watches over the processes."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.host import APP, Host

#: Work that is going on when the restart comes (seconds).
LONG = 30


def workers_restarted() -> Fault:
    """Restart every worker while long tasks run."""

    def restart(host: Host) -> None:
        host.shell(f"supervisorctl restart {' '.join(host.programs('worker'))}", timeout=240)

    return _while_long_tasks_run("workers-restarted", "supervisorctl restart of all workers", restart, refusals=False)


def supervisor_restarted() -> Fault:
    """Restart supervisor, with all that it started, while long tasks run."""

    def restart(host: Host) -> None:
        host.shell("systemctl restart supervisor", timeout=240)

    return _while_long_tasks_run("supervisor-restarted", "systemctl restart supervisor", restart, refusals=True)


def _while_long_tasks_run(name: str, title: str, restart, refusals: bool) -> Fault:
    held: list[str] = []

    def inject(host: Host) -> None:
        held.append(host.accept(2, seconds=LONG))
        host.until_running(held[0], 2)
        restart(host)

    def check(host: Host) -> list[str]:
        outcomes = [run["outcome"] for run in host.runs(held[0])]
        return [] if outcomes == ["completed"] * 2 else [f"two tasks of {LONG} s ended as {outcomes}"]

    return Fault(name, f"{title} while tasks of {LONG} s run", inject, limits=Limits(refusals=refusals), check=check)


def supervisord_killed() -> Fault:
    """Kill supervisord; what it started must not run on beside what its successor starts."""
    counted: list[dict[str, int]] = []

    def inject(host: Host) -> None:
        counted.append(_sets(host))
        host.shell("kill -9 $(systemctl show --property MainPID --value supervisor)")
        time.sleep(15)
        counted.append(_sets(host))

    def check(host: Host) -> list[str]:
        before, after = counted
        return [] if before == after else [f"15 s later there were {after} instead of {before}"]

    return Fault("supervisord-killed", "kill -9 supervisord", inject, limits=Limits(duplicated=3), check=check)


def _sets(host: Host) -> dict[str, int]:
    """Return how many main processes of each kind run as the application's user."""
    patterns = {"beat": r"\[celery beat\]", "workers": "celeryd: .*MainProcess", "web": "gunicorn: master"}
    count = "ps -u {user} -ww -o args= | grep -c -- '{pattern}' || true"
    return {kind: int(host.shell(count.format(user=APP, pattern=p))) for kind, p in patterns.items()}

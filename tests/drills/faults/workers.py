"""What happens to workers: processes that die, connections that do, a task that kills whoever runs it."""

from __future__ import annotations

import subprocess
import time

from drills.fault import Fault, Limits
from drills.host import Host

HEARTBEAT = 20
#: What the kit's policy says: a message is handed out so often after the first time.
DELIVERY_LIMIT = 5
#: Tasks that the default worker runs at once, and what it holds besides.
CONCURRENCY = 2


def pool_child_killed() -> Fault:
    """Kill the process that runs a task."""
    held: list[str] = []

    def inject(host: Host) -> None:
        held.append(host.accept(1, seconds=12))
        host.until_running(held[0], 1)
        task = host.runs(held[0])[0]["task"]
        host.shell(f"kill -9 {host.active()[task]}")

    return Fault(
        "pool-child-killed", "kill -9 a pool process that runs a task", inject, hold=15,
        limits=Limits(duplicated=CONCURRENCY, refusals=False), check=lambda host: _ran_again(host, held[0]),
    )  # fmt: skip


def worker_killed() -> Fault:
    """Kill the process that hands tasks to its pool."""
    held: list[str] = []

    def inject(host: Host) -> None:
        held.append(host.accept(1, seconds=12))
        host.until_running(held[0], 1)
        [pid] = host.programs("worker-default").values()
        host.shell(f"kill -9 {pid}")

    return Fault(
        "worker-killed", "kill -9 a worker's main process", inject, hold=15,
        limits=Limits(duplicated=CONCURRENCY, refusals=False), check=lambda host: _ran_again(host, held[0]),
    )  # fmt: skip


def _ran_again(host: Host, prefix: str) -> list[str]:
    runs = host.runs(prefix)
    if len(runs) < 2 or runs[-1]["outcome"] != "completed":
        return [f"the task that ran did not run again: {[run['outcome'] for run in runs]}"]
    began = float(runs[1]["begun"]) - float(runs[0]["begun"])
    bound = 12 + 2 * HEARTBEAT
    return [] if began <= bound else [f"it ran again {began:.0f} s after its first begin, at most {bound} s"]


def worker_cut_off() -> Fault:
    """Drop what a worker's connections to the broker carry, in both directions; nobody is told of an end."""
    ports: list[str] = []

    def rule(verb: str, host: Host) -> None:
        pid = _docker("inspect", "--format", "{{.State.Pid}}", host.name)
        for port in ports:
            for side in (["--sport", port, "--dport", "5672"], ["--dport", port, "--sport", "5672"]):
                enter = ["nsenter", "--target", pid, "--net", "iptables", verb, "INPUT", "--protocol", "tcp"]
                subprocess.run([*enter, *side, "--jump", "DROP"], check=True, capture_output=True, timeout=20)

    def inject(host: Host) -> None:
        [pid] = host.programs("worker-default").values()
        ports.extend(host.shell(f"ss -Htnp state established '( dport = :5672 )' | grep 'pid={pid},' | "
                                "awk '{print $3}' | sed 's/.*://'").split())  # fmt: skip
        rule("--insert", host)

    return Fault(
        "worker-cut-off", "a worker's connections to RabbitMQ half open for 90 s", inject,
        lambda host: rule("--delete", host), hold=90,
        limits=Limits(duplicated=CONCURRENCY, refusals=False, caught_up_after=2 * HEARTBEAT),
        check=lambda host: [] if ports else ["the worker had no connection to cut off"],
    )  # fmt: skip


def _docker(*arguments: str) -> str:
    return subprocess.run(
        ["docker", *arguments], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()  # fmt: skip


def poison_task() -> Fault:
    """Kill every process that runs one certain task, until nobody is given it any more."""
    held: list[str] = []
    dead: list[int] = []

    def inject(host: Host) -> None:
        dead.append(host.queues()["dead-letter"])
        held.append(host.accept(1, seconds=20))
        killed: set[int] = set()
        deadline = time.monotonic() + 150
        while host.queues()["dead-letter"] == dead[0] and time.monotonic() < deadline:
            mine = {run["task"] for run in host.runs(held[0])}
            for pid in {pid for task, pid in host.active().items() if task in mine} - killed:
                host.try_shell(f"kill -9 {pid}")
                killed.add(pid)

    def check(host: Host) -> list[str]:
        runs, more = len(host.runs(held[0])), host.queues()["dead-letter"] - dead[0]
        found = [] if more == 1 else [f"{more} messages among the dead letters, not 1"]
        return (
            found if 1 < runs <= DELIVERY_LIMIT + 1 else [*found, f"it ran {runs} times, at most {DELIVERY_LIMIT + 1}"]
        )

    return Fault(
        "poison-task", "a task whose process is killed each time", inject,
        limits=Limits(duplicated=CONCURRENCY * (DELIVERY_LIMIT + 1), refusals=False), check=check,
    )  # fmt: skip

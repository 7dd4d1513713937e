"""The measurements: each leaves the hosts as it found them, with all their workers as they were let run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from drills.machine import APP
from load.saturation import saturate

from scaling import figures
from scaling.hosts import Hosts
from scaling.report import Cost, Depth

#: Connections of each web host while it is saturated: more than its processes, so that none of them waits for work.
_CONNECTIONS = 8


def drained(hosts: Hosts, count: int, tasks: int) -> tuple[float, Cost]:
    """Return the tasks a second that so many hosts' workers complete of a full queue, and what a task costs."""
    hosts.let_work(count)
    hosts.pause()
    prefix = hosts.send(tasks)
    before = _spent(hosts, count)
    hosts.resume(count)
    begin = time.time()
    done = hosts.tasks(prefix, tasks, 600)
    after = _spent(hosts, count)
    spent = {what: (after[what] - before[what]) * 1000 / tasks for what in after}
    return figures.rate(done, begin), Cost(**spent, connections=hosts.connections())


def answered(hosts: Hosts, count: int, seconds: int) -> float:
    """Return the pages a second that so many web hosts answer together. Raises BenchError where one fails."""
    with ThreadPoolExecutor(count) as pool:
        found = list(pool.map(lambda url: saturate(url, seconds, _CONNECTIONS), hosts.urls[:count]))
    return sum(one.rate for one in found)


def queued(hosts: Hosts, capacity: float, parts: Sequence[float], seconds: float) -> list[Depth]:
    """Return what waits, and how long, where one host is sent each part of what it completes at most."""
    hosts.let_work(1)
    found = []
    for part in parts:
        count = int(part * capacity * seconds)
        done = hosts.tasks(hosts.send(count, part * capacity), count, 600)
        found.append(Depth(part, part * capacity, *figures.depth(done), *figures.waits(done)))
    return found


def _spent(hosts: Hosts, count: int) -> dict[str, float]:
    """Return the CPU seconds of workers, broker and database until now."""
    services = [hosts.services]
    return {
        "worker": hosts.cpu(APP, hosts.working[:count]),
        "broker": hosts.cpu("rabbitmq", services),
        "database": hosts.cpu("postgres", services),
    }

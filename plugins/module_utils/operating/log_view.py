"""The logs of several hosts as one, in the order of time."""

from __future__ import annotations

import heapq
import itertools
import json
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator

from .log_stream import Entry, Stream

#: Seconds that a line waits for an older one of another host.
PATIENCE = 1.0
#: Seconds until a host that was lost is tried again.
AGAIN = 5.0
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
#: How a task's id is told from other ids: as the sample's logs write it, in JSON, as Celery does: Task name[id].
_TASK = re.compile(rf'(?:\btask=|"task_id": ?"|\[)({_UUID})\b')

Told = tuple[float, str, str, str]
Open = Callable[[str, dict], Stream]
Complain = Callable[[str], None]


def tasks(line: str) -> set[str]:
    """Return the ids of tasks that a line names."""
    return set(_TASK.findall(line))


def shown(entry: Told, hosts: int, output: str) -> str:
    """Return a line of the view: time (UTC), host where there are several, program, what was written; or JSON."""
    when, host, program, line = entry
    seconds, milliseconds = divmod(round(when * 1000), 1000)
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}"
    if output == "json":
        return json.dumps({"time": f"{clock}Z", "host": host, "program": program, "line": line}, ensure_ascii=False)
    return "  ".join([clock, *([host] if hosts > 1 else []), f"{program:24}", line])


class View:
    """The hosts' logs; ``connect`` opens a host's stream, ``complain`` gets what has to be said beside them."""

    def __init__(self, hosts: list[str], asked: dict[str, dict], connect: Open, complain: Complain) -> None:
        self._asked, self._connect, self._complain = asked, connect, complain
        self.hosts, self.silent = hosts, set()
        self._streams: dict[str, Stream] = {}
        self._over = False

    def history(self, needles: list[str], follow: bool = False) -> Iterator[Told]:
        """Yield what was there; with ``follow`` the connections stay for ``fresh``."""
        for host in self.hosts:
            asked = self._asked[host] | {"needles": needles, "follow": follow}
            self._streams[host] = self._connect(host, asked)
        yield from heapq.merge(*(self._of(host) for host in self.hosts), key=lambda entry: entry[0])
        if not follow:
            self._close()

    def _of(self, host: str) -> Iterator[Told]:
        try:
            for when, program, line in self._streams[host].history():
                yield when, host, program, line
        except ConnectionError as error:
            self.silent.add(host)
            self._complain(f"{host} does not answer: {error}")

    def request(self, identifier: str) -> tuple[list[Told], int]:
        """Return the lines of a request and of every task that it started, and how many of its lines name the id.

        A task is known by a line that has both ids, the tasks that it starts by the request's id again. Celery's own
        lines have the task's id alone, so the logs are read once more when it is known.
        """
        needles, known = {identifier}, set()
        while needles != known:
            known = set(needles)
            found = list(self.history(sorted(needles)))
            for *_, line in found:
                if identifier in line:
                    needles |= tasks(line)
        return found, sum(identifier in entry[3] for entry in found)

    def fresh(self) -> Iterator[Told]:
        """Yield what comes, for ever; a host that is lost is tried again."""
        inbox: queue.Queue[tuple[str, Entry]] = queue.Queue()
        for host in self.hosts:
            threading.Thread(target=self._feed, args=(host, inbox), daemon=True).start()
        waiting: list[tuple[float, int, float, Told]] = []
        numbers = itertools.count()
        while True:
            try:
                host, (when, program, line) = inbox.get(timeout=PATIENCE / 4)
                heapq.heappush(waiting, (when, next(numbers), time.monotonic(), (when, host, program, line)))
            except queue.Empty:
                pass
            while waiting and time.monotonic() - waiting[0][2] > PATIENCE:
                yield heapq.heappop(waiting)[3]

    def _feed(self, host: str, inbox: queue.Queue) -> None:
        seen = time.time()
        while True:
            if host not in self.silent:
                for entry in self._streams[host].fresh():
                    if entry:
                        seen = max(seen, entry[0])
                        inbox.put((host, entry))
                if self._over:
                    return
                self._complain(f"{host} is lost, and tried again: {self._streams[host].why()}")
            time.sleep(AGAIN)
            self._streams[host].close()
            # A line may come twice; none must be missing.
            self._streams[host] = self._connect(host, self._asked[host] | {"since": seen, "follow": True})
            try:
                for entry in self._streams[host].history():
                    inbox.put((host, entry))
                self.silent.discard(host)
            except ConnectionError:
                self.silent.add(host)

    def close(self) -> None:
        """End every connection, for good."""
        self._over = True
        self._close()

    def _close(self) -> None:
        for stream in self._streams.values():
            stream.close()

"""The generator: sends each request at its scheduled time, whether or not earlier ones have been answered."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import resource
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from load.browsers import Browser, open_browsers, warm_up
from load.plan import Plan

#: More requests than that at once are not sent but recorded as failed: the stack is gone, and memory is finite.
MOST_AT_ONCE = 5000
_STOP_FILE_SECONDS = 0.2


class Generator:
    """One run of a plan; ``out`` gets a line of JSON for each request, see load.samples."""

    def __init__(self, plan: Plan, out: TextIO) -> None:
        self._plan, self._out = plan, out
        self._stop = asyncio.Event()
        self._reason = "seconds"
        self._under_way: set[asyncio.Task] = set()
        self._epoch_offset = time.time() - time.monotonic()
        self._browsers: list[Browser] = []

    def stop(self, reason: str) -> None:
        """Send nothing more; what is under way may end."""
        self._reason = reason
        self._stop.set()

    async def run(self) -> None:
        """Send until the time is over or something stops it, then wait for the answers under way."""
        plan = self._plan
        # On a machine that it shares with the stack it would else measure its own waiting for a core.
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, -10)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        self._browsers = open_browsers(plan)
        await warm_up(self._browsers, plan.paths[0])
        began, used_before = time.monotonic(), _processor_seconds()
        self._write(kind="begin", at=self._epoch(began), plan=asdict(plan))
        rates = ((self._get, plan.get_rate), (self._post, plan.post_rate), (self._summary, plan.summary_rate))
        paces = [asyncio.create_task(self._watch_stop_file())]
        for part, (send, rate) in enumerate(rates):
            if rate > 0:
                # Not all at the same moment: each kind begins at another part of its period.
                first = began + part / len(rates) / rate
                paces.append(asyncio.create_task(self._pace(first, rate, send)))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), plan.seconds)
        for pace in paces:
            pace.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=plan.timeout + 5)
        self._write(kind="end", at=self._epoch(time.monotonic()), reason=self._reason,
                    seconds=time.monotonic() - began, cpu=_processor_seconds() - used_before)  # fmt: skip
        for browser in self._browsers:
            await browser.close()

    def _epoch(self, moment: float) -> float:
        # The offset is taken once: a step of the wall clock moves no sample.
        return moment + self._epoch_offset

    async def _pace(self, first: float, rate: float, send: Callable[[int, float], Awaitable[None]]) -> None:
        for number in itertools.count():
            due = first + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(send(number, due))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _watch_stop_file(self) -> None:
        while self._plan.stop_file and not Path(self._plan.stop_file).exists():
            await asyncio.sleep(_STOP_FILE_SECONDS)
        if self._plan.stop_file:
            self.stop("stop file")

    async def _get(self, number: int, due: float) -> None:
        path = self._plan.paths[number % len(self._plan.paths)]
        await self._request("get", number, due, "GET", path)

    async def _post(self, number: int, due: float) -> None:
        plan = self._plan
        entry = {"key": f"{plan.prefix}{number}", "queue": plan.queue, "seconds": str(plan.task_seconds)}
        await self._request("post", number, due, "POST", plan.ledger_path, data=entry)

    async def _summary(self, number: int, due: float) -> None:
        plan = self._plan
        await self._request("summary", number, due, "GET", plan.summary_path, params={"prefix": plan.prefix})

    async def _request(self, kind: str, number: int, due: float, method: str, path: str, **options: Any) -> None:
        browser = self._browsers[number % len(self._browsers)]
        sent, answer, error = time.monotonic(), None, "NotSent"
        if len(self._under_way) <= MOST_AT_ONCE:
            answer, error = await browser.send(method, path, **options)
        line = {"kind": kind, "at": round(self._epoch(due), 4), "sent": round(self._epoch(sent), 4),
                "host": browser.host, "path": path}  # fmt: skip
        line |= {"error": error} if answer is None else {"status": answer.status_code}
        line["ms"] = round((time.monotonic() - due) * 1000, 2)
        if kind == "summary" and answer is not None and answer.status_code == 200:
            with contextlib.suppress(ValueError):
                line["ledger"] = answer.json()
        self._write(**line)

    def _write(self, **line: Any) -> None:
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(plan: Plan, path: Path) -> None:
    """Run a plan to its end; ``path`` is written anew, line by line: a generator that is killed loses no answer."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A stack that answers nothing for a while leaves a connection open for each request.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files, min(most, 2 * MOST_AT_ONCE)), most))
    with path.open("w", encoding="utf-8", buffering=1) as out:

        async def main() -> None:
            await Generator(plan, out).run()

        asyncio.run(main())

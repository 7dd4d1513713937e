"""Load on each application while something happens to another, and what came of it."""

from __future__ import annotations

import subprocess
from ast import literal_eval
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import demo
from applications import url
from load import verdict
from load.plan import Plan
from load.process import Load
from polling import until
from scenario_host import CA, HOST

#: Requests a second: three applications and a release share this machine.
RATES = {"get_rate": 10.0, "post_rate": 3.0}
PLANS = {
    "garden": {"paths": ("/", "/livez")},
    "classic": {"paths": ("/", "/static/notes/classic.css"), "ledger_path": "/notes/"},
}
#: Sums that beat does not send, until its standard input ends; then their tasks' ids.
PUBLISH = """
import select, sys
from celery_demo.tasks import add
sent = []
while not select.select([sys.stdin], [], [], 0.2)[0]:
    sent.append(add.delay(1000, len(sent)).id)
print(sent)
"""
RAN = r"Task celery_demo.add\[(?P<what>.*?)\] succeeded"


class Visitors:
    """Clients of a site that ask for pages and post what tasks then work on."""

    def __init__(self, name: str, folder: Path) -> None:
        plan = Plan(base_urls=(url(name),), connect_to=("127.0.0.1",), ca=str(CA), **PLANS[name], **RATES)
        self._load = Load(plan, folder / f"{name}.ndjson")

    def start(self) -> None:
        self._load.start()

    def stop(self) -> None:
        self._load.stop()

    def check_nothing_dropped(self) -> None:
        """Fail unless each request was served, and what was accepted was done, once."""
        found = verdict.judge(self._load.path)
        assert found["dropped"] == [], found
        assert found["requests"]["get"]["sent"] > 100 and found["ledger"]["completed"] > 20, found


class Publisher:
    """A client of the plain Celery application: five sums a second, beside those of beat."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._sent: list[str] = []
        self._began = 0.0

    def start(self) -> None:
        self._began = demo.now()
        run = ["docker", "exec", "-i", HOST, "/srv/celery_demo/current/run", "python", "-c", PUBLISH]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(run, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def stop(self) -> None:
        printed, complaint = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, complaint
        self._sent = literal_eval(printed)

    def check_nothing_dropped(self) -> None:
        """Fail unless each sum was published and worked out, once, beat's as well."""
        assert len(self._sent) > 50
        ran = until(self._runs, lambda ran: set(self._sent) <= ran.keys(), 60)
        assert [task for task in self._sent if ran[task] > 1] == []
        demo.check_ledger(self._began, longest_gap=8)

    def _runs(self) -> Counter[str]:
        return Counter(task for _, task in demo.logged("worker-default", RAN))


@contextmanager
def under_load(names: list[str], folder: Path) -> Iterator[None]:
    """Put load on applications meanwhile; fail where one of them dropped anything."""
    loads = [Publisher() if name == "celery_demo" else Visitors(name, folder) for name in names]
    begun = []
    try:
        for load in loads:
            load.start()
            begun.append(load)
        yield
    finally:
        for load in begun:
            load.stop()
    for load in loads:
        load.check_nothing_dropped()

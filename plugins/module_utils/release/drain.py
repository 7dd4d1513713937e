"""A host out of the service of one application, and back."""

from __future__ import annotations

import re
import time

from ansible.module_utils.release.agent import ask
from ansible.module_utils.release.handover import Handover, node_of
from ansible.module_utils.release.sockets import under_way
from ansible.module_utils.release.supervisor import GONE, up

POLL = 0.2
QUEUES = re.compile(r"--queues=([^\s']+)")
#: Seconds that an idle worker takes to end.
LEAVE = 10
#: Kinds that exist once in an environment: nothing moves them, so who drains a host has to know.
SINGLES = ("beat", "flower", "process")


class Drain:
    """What of an application runs on this host, by its live release."""

    def __init__(self, handover: Handover, celery_app: str | None = None) -> None:
        self.handover, self.celery_app = handover, celery_app
        self.supervisor, self.layout = handover.supervisor, handover.layout

    def up(self, kind: str) -> list[str]:
        """Return the programs of a kind that run, of whatever release, without those that were told to end."""
        return up(self.supervisor.states(), f"{self.layout.app}-{kind}-")

    def singles(self) -> list[str]:
        """Return the programs here that exist once and stay."""
        return [name for kind in SINGLES for name in self.up(kind)]

    def workers_out(self, timeout: float) -> list[dict]:
        """Let the workers consume no more, end what they hold, and end; return ``{program, finished, left, state}``.

        ``finished`` and ``left`` are names of tasks. ``state`` is ended, ends (a task takes longer than ``timeout``
        seconds; the program ends with it), holds (it has tasks to begin and is not told to end, as it would hand them
        back, and some would run twice) or silent. Raises AgentError where a worker still consumes.
        """
        deadline = time.monotonic() + timeout
        programs = self.up("worker")
        # Of an attempt before this one.
        leaving = self.handover.draining("worker")
        seen = self._empty(programs, timeout) if programs else {}
        reports = [self._report(program, seen) for program in programs]
        told = [report for report in reports if report["state"] == "ends"]
        for report in told:
            self.supervisor.stop(report["program"])
        told += [{"program": program, "finished": [], "left": [], "state": "ends"} for program in leaving]
        self._await_end([report["program"] for report in told], max(deadline, time.monotonic() + LEAVE))
        states = self.supervisor.states()
        for report in told:
            if states.get(report["program"], "STOPPED") in GONE:
                report["state"] = "ended"
        self.supervisor.forget_gone(f"{self.layout.app}-worker-")
        return reports + told[len(told) - len(leaving) :]

    def _empty(self, programs: list[str], timeout: float) -> dict:
        nodes = [node_of(program) for program in programs]
        release, options = self.handover.release, ["--celery", str(self.celery_app), "--nodes", *nodes]
        ask(self.layout, release, "consume", *options, "--stop", timeout=60)
        return ask(self.layout, release, "inflight", *options, "--wait", str(timeout), timeout=timeout + 60)

    @staticmethod
    def _report(program: str, seen: dict) -> dict:
        node = node_of(program)
        held = seen["nodes"].get(node)
        if held is None:
            return {"program": program, "finished": [], "left": [], "state": "silent"}
        left = [task["name"] for task in [*held["active"], *held["reserved"]]]
        finished = [task["name"] for task in seen["finished"].get(node, [])]
        return {
            "program": program,
            "finished": finished,
            "left": left,
            "state": "holds" if held["reserved"] else "ends",
        }

    def _await_end(self, programs: list[str], deadline: float) -> None:
        while time.monotonic() < deadline:
            states = self.supervisor.states()
            if all(states.get(program, "STOPPED") in GONE for program in programs):
                return
            time.sleep(POLL)

    def workers_in(self, start_timeout: float, drain_timeout: float) -> list[str]:
        """Start the live release's workers and wait until they answer; return those that did not run before.

        Raises HandoverError where one is silent.
        """
        # A drain that did not end, and a deploy after it: the release before still works here.
        others = self.handover.others("worker")
        started = self.handover.start("worker")
        if self.handover.programs("worker") or others:
            # Also those that run: they answer, or this is no way back.
            self.handover.exchange_workers(str(self.celery_app), others, start_timeout, drain_timeout)
        for program in self.handover.names("worker"):
            if program not in started:
                self._consume(program)
        return started

    def _consume(self, program: str) -> None:
        """Let a worker consume what its definition says: one that a drain did not end was told to stop."""
        queues = QUEUES.search(self.supervisor.conf(program).read_text())
        if queues:
            options = ["--celery", str(self.celery_app), "--nodes", node_of(program), "--start", *queues[1].split(",")]
            ask(self.layout, self.handover.release, "consume", *options, timeout=60)

    def await_quiet(self, quiet: float, timeout: float) -> int:
        """Wait until no request has been under way for ``quiet`` seconds on end; return how many are at last.

        nginx keeps no connection to the application, so each connection is a request. After ``timeout`` seconds it
        gives up.
        """
        path = str(self.layout.socket(self.handover.release))
        deadline = time.monotonic() + timeout
        since = time.monotonic()
        while True:
            count, now = under_way(path), time.monotonic()
            if count:
                since = now
            if not count and now - since >= quiet:
                return 0
            if now >= deadline:
                return max(1, count)
            time.sleep(POLL)

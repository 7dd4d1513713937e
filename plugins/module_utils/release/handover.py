"""From the programs of one release to those of another, kind by kind."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from pathlib import Path

from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.supervisor import GONE, Supervisor
from ansible.module_utils.unix_http import UnixConnection

POLL = 0.2
# Runs in the release's environment: pings the nodes until all have answered; prints those that have not.
PING = """
import sys, time
from celery.app.utils import find_app
app, deadline, missing = find_app(sys.argv[1]), time.monotonic() + float(sys.argv[2]), set(sys.argv[3:])
while missing and time.monotonic() < deadline:
    for reply in app.control.ping(destination=sorted(missing), timeout=0.5, limit=len(missing)):
        missing -= reply.keys()
print(*sorted(missing))
"""


class HandoverError(Exception):
    """The new programs don't serve; the old ones are untouched."""


class Handover:
    """One application's release on this host, and what it takes over from."""

    def __init__(self, app: str, release: str, supervisor: Supervisor, layout: Layout | None = None) -> None:
        self.app, self.release = app, release
        self.supervisor = supervisor
        self.layout = layout or Layout(app)
        self.started: list[str] = []

    def programs(self, kind: str) -> list[Path]:
        """Return the definitions of the release's programs of a kind: worker, web, beat, flower, process."""
        return sorted(self.layout.programs(self.release).glob(f"{self.app}-{kind}-*.conf"))

    def others(self, kind: str) -> list[str]:
        """Return the running programs of that kind that belong to other releases."""
        prefix, mine = f"{self.app}-{kind}-", {path.stem for path in self.programs(kind)}
        return sorted(
            name
            for name, state in self.supervisor.states().items()
            if name.startswith(prefix) and name not in mine and state not in (*GONE, "STOPPING")
        )

    def start(self, kind: str) -> list[str]:
        """Start the release's programs of a kind; return those that were not running before."""
        started = []
        for path in self.programs(kind):
            if self.supervisor.start(path):
                started.append(path.stem)
                self.started.append(path.stem)
        return started

    def withdraw(self, kind: str) -> str:
        """Stop the programs that a failed handover began, and return the end of the logs.

        Of a release that is live already only what was started just now: the others serve. Of one that is not, also
        what an earlier step started for this kind.
        """
        programs = list(self.started)
        if self.layout.current_id() != self.release:
            programs += [path.stem for path in self.programs(kind) if path.stem not in programs]
        logs = "\n".join(f"--- {name}\n{self.supervisor.log_tail(name)}" for name in programs)
        for name in programs:
            self.supervisor.stop(name)
        return logs

    def run(self, *command: str, timeout: float) -> subprocess.CompletedProcess:
        """Run a command of the release as the application's user, in the release's environment."""
        launcher = str(self.layout.release(self.release) / "run")
        return subprocess.run([launcher, *command], text=True, capture_output=True, timeout=timeout, check=False)

    # --- workers --------------------------------------------------------------------------------------------------

    def celery(self, celery_app: str, verb: str, *arguments: str, nodes: list[str], wait: float = 5) -> dict:
        """Return what the named worker nodes answered to a remote-control verb, as ``{node: reply}``."""
        command = ["celery", "-A", celery_app, *verb.split(), "--json", "--timeout", str(wait)]
        try:
            result = self.run(*command, "--destination", ",".join(nodes), *arguments, timeout=wait + 30)
            start = result.stdout.find("{")
            return json.JSONDecoder().raw_decode(result.stdout[start:])[0] if start >= 0 else {}
        except (json.JSONDecodeError, subprocess.TimeoutExpired):
            return {}

    def await_workers(self, celery_app: str, programs: list[str], timeout: float) -> None:
        """Wait until every worker answers a ping; raise with the names of those that do not.

        One process asks again and again: `celery inspect ping` starts anew each time, and waits its whole timeout for
        an answer to a question that was asked before the worker listened.
        """
        nodes = [node_of(program) for program in programs]
        try:
            asked = self.run("python", "-c", PING, celery_app, str(timeout), *nodes, timeout=timeout + 30)
        except subprocess.TimeoutExpired as error:
            raise HandoverError(f"no answer after {timeout:.0f} s from {', '.join(nodes)}") from error
        if asked.returncode:
            raise HandoverError(f"the workers can't be asked: {asked.stderr.strip()[-1000:]}")
        if missing := asked.stdout.split():
            raise HandoverError(f"no answer after {timeout:.0f} s from {', '.join(missing)}")

    def retire_workers(self, celery_app: str, programs: list[str], timeout: float) -> None:
        """Let workers go without handing anything back: stop consuming, wait until nothing is reserved, then TERM.

        TERM alone keeps prefetched messages until a long task ends, and drops jobs already written to a child: both
        run twice.
        """
        nodes = [node_of(program) for program in programs]
        queues = self.celery(celery_app, "inspect active_queues", nodes=nodes)
        for queue in sorted({queue["name"] for consumed in queues.values() for queue in consumed}):
            self.celery(celery_app, "control cancel_consumer", queue, nodes=nodes)
        deadline = time.monotonic() + timeout
        # No answer is not "nothing reserved"; but who did not answer at the beginning is not waited for.
        holding = set(queues)
        while holding and time.monotonic() < deadline:
            reserved = self.celery(celery_app, "inspect reserved", nodes=sorted(holding))
            holding -= {node for node, tasks in reserved.items() if not tasks}
            time.sleep(POLL if holding else 0)
        for program in programs:
            self.supervisor.stop(program)

    # --- web ------------------------------------------------------------------------------------------------------

    def await_health(self, path: str, host: str, timeout: float) -> None:
        """Wait until the release answers its health path with 200 on its own socket."""
        answer = "nothing listens"
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                connection = UnixConnection(self.layout.socket(self.release), host, timeout=10)
                connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
                response = connection.getresponse()
                if response.status == 200:
                    return
                answer = f"{response.status} {response.read(1000).decode(errors='replace')}"
            except (OSError, http.client.HTTPException) as error:
                answer = str(error)
            time.sleep(POLL)
        raise HandoverError(f"{path} is not healthy after {timeout:.0f} s: {answer}")

    def switch_web(self) -> bool:
        """Let nginx connect to this release's socket from now on; return whether that is new."""
        link, target = self.layout.web_link, self.layout.socket(self.release)
        if link.is_symlink() and link.readlink() == target:
            return False
        self.layout.point(link, target)
        return True


def node_of(program: str) -> str:
    """Return the Celery node name of a worker program on this host, as the program's definition builds it."""
    return f"{program}@{socket.gethostname()}"

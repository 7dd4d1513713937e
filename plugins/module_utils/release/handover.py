"""From the programs of one release to those of another, kind by kind."""

from __future__ import annotations

import http.client
import socket
import time
from pathlib import Path

from ansible.module_utils.release.agent import AgentError, ask
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.priority import ENDING, USUAL, begin_boot, set_policy
from ansible.module_utils.release.sockets import under_way, waiting
from ansible.module_utils.release.supervisor import GONE, Supervisor, up
from ansible.module_utils.unix_http import UnixConnection

POLL = 0.05
WARM_UPS = 4
# Seconds for new programs to serve, and how often they may take what loading the code took once: they load it side by
# side, behind all that serves.
PATIENCE, LOADS = 60, 12


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

    def names(self, kind: str) -> list[str]:
        """Return the names under which the release's programs of a kind run, or would."""
        return [self.supervisor.instance(path.stem) for path in self.programs(kind)]

    def others(self, kind: str) -> list[str]:
        """Return the running programs of that kind that belong to other releases."""
        mine = set(self.names(kind))
        return [name for name in up(self.supervisor.states(), f"{self.app}-{kind}-") if name not in mine]

    def draining(self, kind: str) -> list[str]:
        """Return the programs of that kind, of any release, that were told to end and have yet to."""
        states = sorted(self.supervisor.states().items())
        return [name for name, state in states if name.startswith(f"{self.app}-{kind}-") and state == "STOPPING"]

    def patience(self, asked: float, back: bool = False) -> float:
        """Return the seconds for new programs to serve: as asked for, else what fits the code and this host.

        On the way back never less than fits: whoever wants bad releases to fail soon means those.
        """
        file = self.layout.loading(self.release)
        fitting = max(PATIENCE, LOADS * (float(file.read_text()) if file.is_file() else 0))
        return max(asked, fitting) if back else asked or fitting

    def start(self, kind: str) -> list[str]:
        """Start the release's programs of a kind; return those that were not running before."""
        started = []
        for path in self.programs(kind):
            program, changed = self.supervisor.start(path)
            if changed:
                started.append(program)
                self.started.append(program)
        begin_boot(self.supervisor.pids(started))
        return started

    def begin_boot(self, kind: str) -> None:
        """Put the release's programs of a kind behind all others, for some seconds at most."""
        begin_boot(self.supervisor.pids(self.names(kind)))

    def end_boot(self, kind: str) -> None:
        """Give the release's programs of a kind the usual priority: from here on they serve."""
        set_policy(self.supervisor.pids(self.names(kind)), USUAL)

    def begun(self, kind: str) -> list[str]:
        """Return the programs that a handover began.

        Of a release that is live already only what was started just now: the others serve. Of one that is not, also
        what an earlier step started for this kind.
        """
        programs = list(self.started)
        if self.layout.current_id() != self.release:
            programs += [name for name in self.names(kind) if name not in programs]
        return programs

    def logs(self, kind: str) -> str:
        """Return the end of the logs of what a handover began."""
        return "\n".join(f"--- {name}\n{self.supervisor.log_tail(name)}" for name in self.begun(kind))

    def withdraw(self, kind: str) -> str:
        """Stop the programs that a failed handover began, and return the end of their logs."""
        logs = self.logs(kind)
        for name in self.begun(kind):
            self.supervisor.stop(name)
        return logs

    # --- workers --------------------------------------------------------------------------------------------------

    def exchange_workers(self, celery_app: str, old: list[str], start_timeout: float, drain_timeout: float) -> dict:
        """Wait until the new workers answer; then let the old ones go without handing anything back.

        Consumers of the old are cancelled, and TERM comes when nothing is reserved any more: TERM alone keeps
        prefetched messages until a long task ends, and drops jobs already written to a child: both run twice. Returns
        what the agent saw; raises HandoverError where a new worker is silent.
        """
        arguments = ["--start-timeout", str(start_timeout), "--drain-timeout", str(drain_timeout)]
        for option, programs in (("--await", self.names("worker")), ("--retire", old)):
            arguments += [part for program in programs for part in (option, node_of(program))]
        timeout = start_timeout + drain_timeout + 30
        try:
            seen = ask(self.layout, self.release, "workers", "--celery", celery_app, *arguments, timeout=timeout)
        except AgentError as error:
            raise HandoverError(str(error)) from error
        self.end_boot("worker")
        for program in old:
            told = seen["retired"].get(node_of(program), {})
            self._end(program, idle=bool(told.get("answered")) and not told["active"] and not told["reserved"])
        return seen

    def await_empty(self, celery_app: str, queues: list[str], timeout: float) -> None:
        """Wait until nothing waits in the queues, for ``timeout`` seconds at most.

        On the way back the workers that run know tasks that those to be started don't.
        """
        try:
            ask(
                self.layout, self.release, "empty", "--celery", celery_app, "--timeout", str(timeout), *queues,
                timeout=timeout + 30,
            )  # fmt: skip
        except AgentError as error:
            raise HandoverError(str(error)) from error

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
                self._refuse_the_dead(path)
            time.sleep(POLL)
        raise HandoverError(f"{path} is not healthy after {timeout:.0f} s: {answer}")

    def warm_up(self, paths: list[str], host: str, workers: int) -> None:
        """Let each of the web processes answer each path once, so that no visitor waits for their first connections.

        They accept by chance: as many questions at once as there are processes, a few times, reach nearly all of them.
        """
        for path in paths * WARM_UPS:
            connections = [UnixConnection(self.layout.socket(self.release), host, timeout=10) for _ in range(workers)]
            for connection in connections:
                connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
            for connection in connections:
                connection.getresponse().read()
                connection.close()

    def _refuse_the_dead(self, path: str) -> None:
        """Raise where a web program has ended again and again: it will not come up by waiting."""
        states = self.supervisor.states()
        dead = [name for name in self.names("web") if states.get(name) in ("BACKOFF", *GONE)]
        if dead:
            raise HandoverError(f"{path} can't be asked: {', '.join(dead)} ended at its start")

    def switch_web(self) -> bool:
        """Let nginx connect to this release's socket from now on; return whether that is new.

        ``current`` goes with it: the assets that the new pages name lie there.
        """
        link, target = self.layout.web_link, self.layout.socket(self.release)
        changed = self.layout.go_live(self.release)
        if link.is_symlink() and link.readlink() == target:
            return changed
        self.layout.point(link, target)
        return True

    def await_backlog(self, programs: list[str], timeout: float) -> None:
        """Wait until the old web programs have accepted every connection that nginx opened before the switch."""
        sockets = {self._socket_of(program) for program in programs}
        deadline = time.monotonic() + timeout
        quiet = 0
        # Twice: nginx may have read the link just before it moved, and connect just after the first look.
        while quiet < 2 and time.monotonic() < deadline:
            time.sleep(POLL)
            quiet = quiet + 1 if not any(waiting(path) for path in sockets) else 0

    def end_web(self, programs: list[str]) -> None:
        """Tell web programs to end; what they answer at the moment they answer before."""
        for program in programs:
            self._end(program, idle=not under_way(self._socket_of(program)))

    def _socket_of(self, program: str) -> str:
        release = program.removeprefix(f"{self.app}-web-").partition(".")[0]
        return str(self.layout.socket(release))

    def _end(self, program: str, *, idle: bool) -> None:
        """Tell a program to end. Tearing an interpreter down takes a processor as long as many requests do."""
        if idle:
            set_policy(self.supervisor.pids([program]), ENDING)
        self.supervisor.stop(program)


def node_of(program: str) -> str:
    """Return the Celery node name of a worker program on this host, as the program's definition builds it."""
    return f"{program}@{socket.gethostname()}"

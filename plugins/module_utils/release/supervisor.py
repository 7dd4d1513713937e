"""supervisord over its XML-RPC socket: programs come, hand over and go one by one."""

from __future__ import annotations

import time
import xmlrpc.client
from pathlib import Path

from ansible.module_utils.release.layout import SUPERVISOR_PROGRAMS

CONTROL_SOCKET = "/run/supervisor.sock"
GONE = ("STOPPED", "EXITED", "FATAL")
BAD_NAME, ALREADY_ADDED, NOT_RUNNING = 10, 90, 70


class SupervisorError(Exception):
    """supervisord does not answer, or a program does not start."""


def up(states: dict[str, str], prefix: str = "") -> list[str]:
    """Return the programs of a prefix, of those in ``states``, that have not ended and were not told to."""
    down = (*GONE, "STOPPING")
    return sorted(name for name, state in states.items() if name.startswith(prefix) and state not in down)


class Supervisor:
    """The programs of this host; names are ``<app>-<kind>[-<name>]-<release>``."""

    def __init__(self, socket: str = CONTROL_SOCKET, directory: Path = SUPERVISOR_PROGRAMS) -> None:
        # Debian's package, on the host's own Python; not importable on a controller.
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{socket}")
        self._rpc = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor
        self._directory = directory

    def states(self) -> dict[str, str]:
        """Return the state of every program that supervisord knows; one with several processes is gone when all are."""
        states: dict[str, str] = {}
        try:
            for info in self._rpc.getAllProcessInfo():
                if states.get(info["group"], "STOPPED") in GONE:
                    states[info["group"]] = info["statename"]
            return states
        except (OSError, xmlrpc.client.Error) as error:
            raise SupervisorError(f"supervisord does not answer: {error}; see `systemctl status supervisor`") from error

    def configured(self) -> set[str]:
        """Return the programs that a file in conf.d describes."""
        return {path.stem for path in self._directory.glob("*.conf")}

    def programs(self, app: str) -> list[str]:
        """Return the programs of an application, running, ended or only described."""
        known = self.configured() | self.states().keys()
        return sorted(program for program in known if program.startswith(f"{app}-"))

    def conf(self, program: str) -> Path:
        """Return the file that describes a program."""
        return self._directory / f"{program}.conf"

    def instance(self, program: str) -> str:
        """Return the name under which a release's program runs, or is to be started.

        supervisord starts nothing that is STOPPING: a release that comes back while it still drains, perhaps for the
        length of a long task, runs under the next free name, ``<program>.2``, and keeps it when the other has ended.
        """
        states, number = self.states(), 1
        if running := [name for name in up(states, program) if name == program or name.startswith(f"{program}.")]:
            return running[0]
        while True:
            name = program if number == 1 else f"{program}.{number}"
            if states.get(name) != "STOPPING":
                return name
            number += 1

    def start(self, definition: Path) -> tuple[str, bool]:
        """Put a program's definition in place and start it; return its name, and whether anything was done."""
        program = self.instance(definition.stem)
        # The section, the node name of a worker and the log bear the name.
        text = definition.read_text().replace(definition.stem, program)
        target = self.conf(program)
        changed = not target.is_file() or target.read_text() != text
        if changed:
            partial = target.with_suffix(".partial")
            partial.write_text(text)
            partial.rename(target)
        known = self.states()
        if program not in known:
            self._rpc.reloadConfig()
            self._call(self._rpc.addProcessGroup, program, accept=ALREADY_ADDED)
            return program, True
        if known[program] in GONE:
            self._rpc.startProcess(f"{program}:*", False)
            return program, True
        return program, changed

    def pids(self, programs: list[str]) -> list[int]:
        """Return the main processes of programs that have one."""
        return [info["pid"] for info in self._rpc.getAllProcessInfo() if info["group"] in programs and info["pid"]]

    def stop(self, program: str) -> None:
        """Tell a program to end what it holds, without waiting for it.

        Its file goes first: a supervisord that restarts meanwhile would start it again.
        """
        self.conf(program).unlink(missing_ok=True)
        self._call(self._rpc.stopProcess, f"{program}:*", False, accept=NOT_RUNNING)

    def forget_gone(self, prefix: str) -> list[str]:
        """Remove the programs of a prefix that have no file any more and have ended; return their names."""
        configured, forgotten = self.configured(), []
        for program, state in self.states().items():
            if program.startswith(prefix) and program not in configured and state in GONE:
                # Only now: while a program is STOPPING the removal faults.
                self._rpc.removeProcessGroup(program)
                forgotten.append(program)
        if forgotten:
            self._rpc.reloadConfig()
        return forgotten

    def remove(self, programs: list[str], timeout: float) -> None:
        """Stop programs, wait until they have ended, ``timeout`` seconds for each at most, and forget them."""
        # All are told first, so that they end at the same time.
        for program in programs:
            self.stop(program)
        for program in programs:
            self.await_end(program, timeout)
            self.forget_gone(program)

    def await_end(self, program: str, timeout: float) -> None:
        """Wait until a program has ended; raise after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while self.states().get(program, "STOPPED") not in GONE:
            if time.monotonic() > deadline:
                raise SupervisorError(f"{program} has not ended after {timeout:.0f} s")
            time.sleep(0.05)

    def log_tail(self, program: str, size: int = 4000) -> str:
        """Return the end of a program's log, of the first process where it has several."""
        reason = ""
        for process in (program, f"{program}_0"):
            try:
                return self._rpc.tailProcessStdoutLog(f"{program}:{process}", 0, size)[0]
            except xmlrpc.client.Fault as fault:
                reason = reason or fault.faultString
        return f"(no log: {reason})"

    @staticmethod
    def _call(method, *arguments, accept: int) -> None:
        try:
            method(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in (accept, BAD_NAME):
                raise

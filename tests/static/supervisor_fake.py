"""A supervisord that answers from memory, and a client that talks to it."""

from __future__ import annotations

import sys
import types
import xmlrpc.client
from pathlib import Path

from ansible.module_utils.release import supervisor


class FakeSupervisord:
    """The part of supervisord's XML-RPC interface that the client uses; ``calls`` is what it was asked to change."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.groups: dict[str, dict[str, str]] = {}
        self.calls: list[tuple] = []

    def run(self, program: str, *states: str) -> None:
        """Pretend that a program is known, with one process for each state, and described while it is up."""
        names = [program] if len(states) == 1 else [f"{program}_{number}" for number in range(len(states))]
        self.groups[program] = dict(zip(names, states, strict=True))
        if set(states) <= {"RUNNING", "STARTING", "BACKOFF"}:
            (self.directory / f"{program}.conf").write_text("")

    def getAllProcessInfo(self) -> list[dict[str, str]]:
        return [
            # No process of this machine has such a number.
            {"group": group, "name": name, "statename": state, "pid": 0 if state in supervisor.GONE else 2**30 + place}
            for place, group in enumerate(self.groups)
            for name, state in self.groups[group].items()
        ]

    def reloadConfig(self) -> None:
        self.calls.append(("reloadConfig", sorted(path.stem for path in self.directory.glob("*.conf"))))

    def addProcessGroup(self, program: str) -> None:
        self._fault(program in self.groups, 90, "ALREADY_ADDED")
        self.calls.append(("addProcessGroup", program))
        self.groups[program] = {program: "RUNNING"}

    def startProcess(self, name: str, wait: bool) -> None:
        self.calls.append(("startProcess", name, wait))
        self._set(name, "RUNNING")

    def stopProcess(self, name: str, wait: bool) -> None:
        program = name.removesuffix(":*")
        self._fault(program not in self.groups, 10, "BAD_NAME")
        described = (self.directory / f"{program}.conf").exists()
        self.calls.append(("stopProcess", name, wait, "described" if described else "not described"))
        self._set(name, "STOPPING")

    def removeProcessGroup(self, program: str) -> None:
        self._fault(not set(self.groups[program].values()) <= set(supervisor.GONE), 91, "STILL_RUNNING")
        self.calls.append(("removeProcessGroup", program))
        del self.groups[program]

    def tailProcessStdoutLog(self, name: str, offset: int, size: int) -> list:
        program, process = name.split(":")
        self._fault(process not in self.groups.get(program, {}), 10, "BAD_NAME")
        return [f"the log of {process}"[-size:], size, False]

    def _set(self, name: str, state: str) -> None:
        processes = self.groups[name.removesuffix(":*")]
        processes.update(dict.fromkeys(processes, state))

    @staticmethod
    def _fault(condition: bool, code: int, text: str) -> None:
        if condition:
            raise xmlrpc.client.Fault(code, text)


def connect(monkeypatch, directory: Path) -> tuple[FakeSupervisord, supervisor.Supervisor]:
    """Return a fake supervisord with an empty conf.d, and the client under test connected to it."""
    directory.mkdir()
    fake = FakeSupervisord(directory)
    package = types.ModuleType("supervisor.xmlrpc")
    package.SupervisorTransport = lambda user, password, url: url
    monkeypatch.setitem(sys.modules, "supervisor", types.ModuleType("supervisor"))
    monkeypatch.setitem(sys.modules, "supervisor.xmlrpc", package)
    proxy = types.SimpleNamespace(supervisor=fake)
    monkeypatch.setattr(supervisor.xmlrpc.client, "ServerProxy", lambda url, transport: proxy)
    return fake, supervisor.Supervisor(directory=directory)

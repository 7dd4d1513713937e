"""Supervised programs: what supervisord says of them, and what should be there."""

from __future__ import annotations

import re
import socket
import xmlrpc.client
from collections import Counter
from typing import Any

from ansible.module_utils.release.supervisor import Supervisor, SupervisorError

ABSENT = "ABSENT"
#: Seconds until a supervisord that hangs counts as silent.
PATIENCE = 3.0
_EXITED = re.compile(r" (?:INFO|WARN) exited: (\S+) \(")
_RELEASE = re.compile(r"-(\d{14}-[0-9a-z]+(?:-[0-9a-f]{6})?)(?=(?:\.\d+)?(?:_\d+)?$)")
_UP = ("STARTING", "RUNNING")
_ENDING = ("STOPPING", "STOPPED", "EXITED")


class Inspector(Supervisor):
    """The client of the handover, asked for more than states."""

    def processes(self) -> list[dict[str, Any]]:
        """Return supervisord's own description of every process; raise SupervisorError where it does not answer."""
        before = socket.getdefaulttimeout()
        # supervisor's transport takes no timeout of its own.
        socket.setdefaulttimeout(PATIENCE)
        try:
            return self._rpc.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error) as error:
            raise SupervisorError(f"supervisord does not answer: {error}") from error
        finally:
            socket.setdefaulttimeout(before)


def exits(log: str) -> Counter[str]:
    """Count, by process, how often supervisord's log says that it ended without having been told to.

    supervisord keeps no such figure itself; and as names carry a release, the count begins with the release.
    """
    return Counter(_EXITED.findall(log))


def describe(
    processes: list[dict[str, Any]], ended: Counter[str] | None, wanted: dict[str, str], configured: set[str]
) -> list[dict[str, Any]]:
    """Return ``{name, program, release, state, seconds, restarts, wanted, reason}`` for each process, by name.

    ``processes`` is supervisord's answer, ``ended`` the result of ``exits`` or None without a log, ``wanted`` maps the
    programs of live releases on this host to their release, ``configured`` are those that a file describes. ``name`` is
    without the release. ``seconds`` is how long a program has been up or down, None while it stops. A program that came
    back while it drained runs beside itself as ``<program>.2``; only one of them is wanted. Of the programs that nobody
    wants, those that have ended and have no file any more are left out: the next deploy forgets them.
    """
    instances = _instances(processes, wanted)
    wanted = {instances.get(program, program): release for program, release in wanted.items()}
    found = []
    for info in processes:
        state, program = info["statename"], info["group"]
        if program not in wanted and program not in configured and state in ("STOPPED", "EXITED"):
            continue
        found.append(
            {
                "name": _RELEASE.sub("", info["name"]),
                "program": info["name"],
                "release": wanted.get(program) or _release(program),
                "state": state,
                "seconds": _seconds(info),
                "restarts": None if ended is None else ended[info["name"]],
                "wanted": program in wanted,
                "reason": info.get("spawnerr", ""),
            }
        )
    for program in wanted.keys() - {info["group"] for info in processes}:
        found.append(
            {
                "name": _RELEASE.sub("", program), "program": program, "release": wanted[program], "state": ABSENT,
                "seconds": None, "restarts": None, "wanted": True, "reason": "",
            }
        )  # fmt: skip
    return sorted(found, key=lambda entry: (entry["name"], not entry["wanted"], entry["program"]))


def _instances(processes: list[dict[str, Any]], wanted: dict[str, str]) -> dict[str, str]:
    """Return the name under which each wanted program runs; where none of its names does, its first one."""
    found: dict[str, str] = {}
    for info in sorted(processes, key=lambda info: (info["statename"] in _ENDING, info["group"])):
        program = info["group"].partition(".")[0]
        if program in wanted:
            found.setdefault(program, info["group"])
    return found


def _release(program: str) -> str | None:
    match = _RELEASE.search(program)
    return match[1] if match else None


def _seconds(info: dict[str, Any]) -> int | None:
    if info["statename"] == "STOPPING":
        return None
    since = info["start"] if info["statename"] in _UP else info["stop"]
    return max(0, info["now"] - since) if since else None

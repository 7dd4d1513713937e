"""Definitions of supervised programs."""

from __future__ import annotations

import re
import shlex

# Why each of them: a program that dies within startsecs counts as a failed start, and after a reboot a service may take
# its time (startretries); only the main process gets the stop signal, so that a worker's children end their tasks
# (stopasgroup=false), but none outlives a KILL (killasgroup).
COMMON = {
    "autostart": "true",
    "autorestart": "true",
    "startsecs": 10,
    "startretries": 20,
    "stopasgroup": "false",
    "killasgroup": "true",
    "redirect_stderr": "true",
    "stdout_logfile_maxbytes": "20MB",
    "stdout_logfile_backups": 5,
}


def supervisor_program(
    name: str, user: str, command: list[str], log: str, stop_wait: int, count: int = 1, stop_signal: str = "TERM"
) -> str:
    """Return the text of a ``[program:x]`` section.

    ``command`` is an argument vector, ``stop_wait`` the seconds between ``stop_signal`` and KILL, ``count`` the number
    of processes. supervisor expands ``%(name)s`` in every value, so each ``%`` that is meant literally is doubled; and
    it takes a ``;`` or ``#`` after a space for a comment, even between quotes, so an empty ``''`` is put between.
    """
    joined = re.sub(r"(?<=\s)(?=[;#])", "''", shlex.join(str(part) for part in command))
    values = {"command": joined, "user": user, **COMMON}
    values |= {"stopsignal": stop_signal, "stopwaitsecs": stop_wait, "stdout_logfile": log}
    lines = [f"{key}={str(value).replace('%', '%%')}" for key, value in values.items()]
    if count > 1:
        lines += [f"numprocs={count}", "process_name=%(program_name)s_%(process_num)d"]
    return "\n".join([f"[program:{name}]", *lines]) + "\n"


def program_files(programs: list[dict], user: str, release_path: str) -> list[dict]:
    """Return ``{path, content}`` for each program ``{name, command, stop_wait}`` of a release.

    Each is started by the release's launcher, as the application's user, and has a log of its own name. It may also
    have ``count`` and ``stop_signal``.
    """
    return [
        {
            "path": f"{release_path}/programs/{program['name']}.conf",
            "content": supervisor_program(
                program["name"],
                user,
                [f"{release_path}/run", *program["command"]],
                f"/var/log/{user}/{program['name']}.log",
                program["stop_wait"],
                **{key: program[key] for key in ("count", "stop_signal") if key in program},
            ),
        }
        for program in programs
    ]


def process_programs(app: dict, release: str, groups: list[str]) -> list[dict]:
    """Return the programs that ``app_processes`` describes for a host of these groups.

    Each is ``{name, command, stop_wait, count, stop_signal}``.
    """
    return [
        {
            "name": f"{app['name']}-process-{process['name']}-{release}",
            "command": shlex.split(process["command"]),
            "stop_wait": process["stop_timeout"],
            "count": process["count"],
            "stop_signal": process["stop_signal"],
        }
        for process in app["processes"]
        if process["group"] in groups
    ]


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict:
        return {
            "supervisor_program": supervisor_program,
            "program_files": program_files,
            "process_programs": process_programs,
        }

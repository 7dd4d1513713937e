"""The verbs that open something on a host for a person or a pipe: where each belongs and what it runs there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from .environment import APPLICATION_GROUPS, Environment, OperatingError, chosen

#: Where no release is live, the reason in words instead of the shell's.
_IN_RELEASE = """
[[ -x /srv/$0/current/run ]] || { echo "no release of $0 is live here: make deploy" >&2; exit 69; }
# Else libraries look for root's files, which they may not read.
export USER=$0 LOGNAME=$0 HOME=$(getent passwd "$0" | cut -d: -f6)
exec /srv/$0/current/run "$@"
"""


@dataclass(frozen=True)
class Call:
    """What to run: on which host, as root or as whom the inventory names, and what to give it on standard input."""

    host: str
    argv: list[str]
    root: bool = True
    given: str = field(default="", repr=False)


def shell(environment: Environment, app: str, host: str, interactive: bool) -> Call:
    """Return Django's shell in the live release, or Python where there is no manage.py."""
    name = chosen("APP", app, list(environment.applications()))
    manage = environment.applications()[name].get("manage")
    command = ["python", manage, "shell"] if manage else ["python", *([] if interactive else ["-"])]
    return in_release(environment, name, host, command)


def manage(environment: Environment, app: str, host: str, command: str) -> Call:
    """Return a command of manage.py; ``command`` is quoted as for a shell, which does not see it."""
    described = environment.applications()
    named = chosen("APP", app, [name for name, entry in described.items() if entry.get("manage")])
    if not command:
        raise OperatingError("say which command with CMD=, as CMD='showmigrations --list'")
    return in_release(environment, named, host, ["python", described[named]["manage"], *shlex.split(command)])


def in_release(environment: Environment, app: str, host: str, command: list[str]) -> Call:
    """Return a command as the application's user, with its environment, on its first host or the one that is named."""
    hosts = list(dict.fromkeys(name for group in APPLICATION_GROUPS for name in environment.group(group)))
    place = chosen("HOST", host, hosts) if host else next(iter(hosts), "")
    if not place:
        raise OperatingError(f"no host runs {app}")
    return Call(place, ["bash", "-c", _IN_RELEASE, app, *command])


def psql(environment: Environment, app: str, role: str, sql: str, interactive: bool) -> Call:
    """Return psql in an application's database, with its rights; ROLE=postgres has all.

    The host's root is let in by who he is, so no password is needed, and ``sql`` does not stand in a command line.
    """
    described = environment.applications()
    name = chosen("APP", app, [name for name, entry in described.items() if entry["database"]])
    host = next(iter(environment.group("postgres")), "")
    if not host:
        raise OperatingError("no host is in the group postgres")
    port = environment.variables(host, "postgres_port").get("postgres_port", 5432)
    command = ["psql", "--username=postgres", f"--port={port}", f"--dbname={name}"]
    if not interactive:
        # A pipe wants the first error as its end, and no file of the user's to change the output.
        command += ["--no-psqlrc", "--set=ON_ERROR_STOP=1"]
    return Call(host, ["env", f"PGOPTIONS=-c role={role or name}", *command], given=sql)


def ssh(environment: Environment, host: str, command: str) -> Call:
    """Return a login shell, or a command of it, as the user that the inventory names."""
    place = chosen("HOST", host, environment.hosts)
    return Call(place, ["bash", "-l", *(["-c", command] if command else [])], root=False)


def flower(environment: Environment, app: str, host: str) -> Call:
    """Return what joins standard input and output to Flower's socket; each connection of a browser is one of these."""
    described = environment.applications()
    name = chosen("APP", app, [name for name, entry in described.items() if entry["flower"]])
    hosts = environment.group("flower")
    place = chosen("HOST", host, hosts) if host else next(iter(hosts), "")
    if not place:
        raise OperatingError("no host is in the group flower")
    return Call(place, ["python3", "-c", _RELAY, f"/run/{name}/flower.sock"])


_RELAY = """
import os, socket, sys, threading
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error.strerror}; does Flower run? make status")
def up():
    while data := os.read(0, 65536):
        line.sendall(data)
    line.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while data := line.recv(65536):
    os.write(1, data)
"""

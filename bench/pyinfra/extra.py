"""Facts and operations that pyinfra lacks, written like its own: a read-only command, compared on the controller."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from pyinfra import host
from pyinfra.api import FactBase, operation
from pyinfra.facts.postgres import PostgresFactBase

_READ_DEFINITIONS = Path(__file__).with_name("read_definitions.py").read_text()

# A program counts as starting for its first ten seconds; the kit asks for no more either.
UP = {"RUNNING", "STARTING"}


class RabbitmqDefinitions(FactBase):
    """Everything that the broker holds; ``access`` is a file on the host with url, user and password.

    ``purpose`` only tells two readings apart, which pyinfra would else do once.
    """

    def command(self, access: str, purpose: str) -> str:
        return f"/usr/bin/python3 -c {shlex.quote(_READ_DEFINITIONS)} {access} # {purpose}"

    def process(self, output: list[str]) -> dict[str, Any]:
        return json.loads("".join(output))


class ReleaseState(FactBase):
    """The live release of an application and the state of its programs: ``{release, programs: {name: state}}``."""

    def command(self, app: str) -> str:
        return f"readlink /srv/{app}/current; supervisorctl status"

    def process(self, output: list[str]) -> dict[str, Any]:
        link, *lines = output
        programs = dict(line.split()[:2] for line in lines)
        return {"release": link.rpartition("/")[2], "programs": programs}


class PostgresMembers(PostgresFactBase):
    """The names of the roles that are members of a group role: ``{group: [member, ...]}``."""

    psql_command = (
        "SELECT g.rolname || ' ' || r.rolname AS pair FROM pg_auth_members m "
        "JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member"
    )

    def process(self, output: list[str]) -> dict[str, list[str]]:
        members: dict[str, list[str]] = {}
        # Behind the heading, before the count.
        for group, member in (line.split() for line in output[1:-1]):
            members.setdefault(group, []).append(member)
        return members


class PostgresConnections(PostgresFactBase):
    """How many connections the roles of this server may open, by role."""

    psql_command = "SELECT rolname || ' ' || rolconnlimit AS pair FROM pg_roles"

    def process(self, output: list[str]) -> dict[str, int]:
        return {role: int(limit) for role, limit in (line.split() for line in output[1:-1])}


class PostgresPublicPrivileges(PostgresFactBase):
    """The names of the databases on which PUBLIC has a privilege."""

    psql_command = (
        "SELECT DISTINCT datname FROM pg_database, "
        "aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl WHERE acl.grantee = 0"
    )

    def process(self, output: list[str]) -> list[str]:
        return [line.strip() for line in output[1:-1]]


@operation()
def postgres_member(group: str, role: str, **psql: Any):
    """Make a role a member of a group role."""
    if role in host.get_fact(PostgresMembers, **psql).get(group, []):
        host.noop(f"{role} is a member of {group}")
    else:
        yield f"""psql -c 'GRANT "{group}" TO "{role}"'"""


@operation()
def postgres_private(database: str, **psql: Any):
    """Keep everybody but its owner out of a database."""
    if database in host.get_fact(PostgresPublicPrivileges, **psql):
        yield f"""psql -c 'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC'"""
    else:
        host.noop(f"{database} is private")


@operation()
def rabbitmq_objects(access: str, purpose: str, wanted: dict[str, list[dict[str, Any]]], absent: dict[str, list[str]]):
    """Compare the broker's objects with the wanted ones; the converged host has them, so nothing is imported."""
    existing = host.get_fact(RabbitmqDefinitions, access=access, purpose=purpose)
    for kind, objects in wanted.items():
        missing = [entry for entry in objects if entry not in existing[kind]]
        if missing:
            yield f"echo {kind} differ >&2; exit 1"
    for kind, names in absent.items():
        if {entry["name"] for entry in existing[kind]} & set(names):
            yield f"echo {kind} are too many >&2; exit 1"
    host.noop(f"{purpose}: as wanted")


@operation()
def release_live(app: str, release: str, programs: list[str]):
    """Fail where the live release or one of its programs is not the wanted one."""
    state = host.get_fact(ReleaseState, app=app)
    if state["release"] != release or any(state["programs"].get(name) not in UP for name in programs):
        yield "echo another release is live, or a program is down >&2; exit 1"
    else:
        host.noop(f"{release} is live")

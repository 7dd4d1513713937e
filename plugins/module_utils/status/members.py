"""What a host's member of each cluster says of itself and of the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from ansible.module_utils.rabbitmq_api import ManagementApi
from ansible.module_utils.redis_admin import RedisAdmin, RedisError

SOCKET = "/var/run/postgresql"
#: What members' certificates are known by.
AUTHORITY = "/etc/cloche/tls/ca.pem"
#: Seconds for an answer; a member that takes longer is no healthy one.
PATIENCE = 3
_REPLICATION = """
SELECT pg_is_in_recovery(), coalesce((SELECT status FROM pg_stat_wal_receiver), ''),
    ARRAY(SELECT application_name FROM pg_stat_replication WHERE state = 'streaming')
"""
Service = dict[str, Any]
Seen = tuple[str, set[str], str]


def look(own: str, services: list[Service], broker: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return ``{service, role, missing, why}`` of each service: ``role`` leads, follows or "" where nobody does.

    ``own`` is the name of this member; a service has ``name``, ``check`` (postgres, rabbitmq, redis),
    ``servers`` (name, address, port of each member) and, of Redis, ``login`` and ``tls``. ``missing`` names members
    that this one does not see, ``why`` says what keeps it from serving, empty where nothing does.
    """
    found = []
    for service in services:
        try:
            role, seen, why = _LOOKS[service["check"]](service, broker)
        except (OSError, RedisError) as error:
            role, seen, why = "", _everybody(service), str(error)
        missing = [server["name"] for server in service["servers"] if server["name"] not in seen | {own}]
        found.append({"service": service["name"], "role": role, "missing": missing, "why": why})
    return found


def _everybody(service: Service) -> set[str]:
    return {server["name"] for server in service["servers"]}


def _postgres(service: Service, broker: dict[str, Any] | None) -> Seen:
    # Not at the top: only hosts with a database have it.
    import psycopg2

    port = service["servers"][0]["port"]
    try:
        login = {"host": SOCKET, "port": port, "user": "postgres", "dbname": "postgres", "connect_timeout": PATIENCE}
        with closing(psycopg2.connect(**login)) as session, session.cursor() as cursor:
            cursor.execute(_REPLICATION)
            follows, state, streaming = cursor.fetchone()
    except psycopg2.Error as error:
        raise OSError(str(error).strip()) from error
    if not follows:
        return "leads", set(streaming), ""
    return "follows", _everybody(service), "" if state == "streaming" else "follows nobody"


def _rabbitmq(service: Service, broker: dict[str, Any] | None) -> Seen:
    given = broker or {}
    api = ManagementApi(given["url"], given["user"], given["password"], call_timeout=PATIENCE)
    running = {node["name"].partition("@")[2] for node in api.nodes() if node["running"]}
    return "", running, ""


def _redis(service: Service, broker: dict[str, Any] | None) -> Seen:
    login = service["login"]
    port = service["servers"][0]["port"]
    authority = AUTHORITY if service.get("tls") else None
    asked = RedisAdmin("127.0.0.1", port, login["user"], login["password"], timeout=PATIENCE, authority=authority)
    with closing(asked) as redis:
        return replication(redis.call("INFO", "replication"), service["servers"])


def replication(told: str, servers: list[dict[str, Any]]) -> Seen:
    """Return role, members that are there and what is wrong, of Redis' section of that name."""
    facts = dict(line.strip().split(":", 1) for line in told.splitlines() if ":" in line)
    if facts.get("role") == "slave":
        up = facts.get("master_link_status") == "up"
        return "follows", {server["name"] for server in servers}, "" if up else "does not reach its leader"
    followers = [dict(part.split("=", 1) for part in text.split(",")) for name, text in facts.items() if _is_one(name)]
    online = {follower["ip"] for follower in followers if follower["state"] == "online"}
    return "leads", {server["name"] for server in servers if server["address"] in online}, ""


def _is_one(name: str) -> bool:
    return name.removeprefix("slave").isdigit()


_LOOKS: dict[str, Callable[[Service, dict[str, Any] | None], Seen]] = {
    "postgres": _postgres,
    "rabbitmq": _rabbitmq,
    "redis": _redis,
}

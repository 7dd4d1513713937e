"""The members of each service as they see themselves."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import Any

from topology import GROUPS, HOSTS, PRIVATE, inside

#: Port of an instance that loses nothing.
STATE = 6381
#: Where a host has its certificate and keys.
TLS = "/etc/cloche/tls"
#: etcd answers nobody else.
_ETCD = ["etcdctl", "--endpoints", "https://127.0.0.1:2379", "--cacert", f"{TLS}/ca.pem", "--cert", f"{TLS}/host.pem"]


def _told(host: str, *command: str) -> str:
    """Return what a command prints on a host; "" where it fails, as on a host that is not there."""
    try:
        return inside(host, *command, timeout=20)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return ""


def broker_is_whole(host: str) -> bool:
    """Return whether a member of the broker sees all of them."""
    told = _told(host, "rabbitmqctl", "--quiet", "--timeout", "10", "cluster_status", "--formatter", "json")
    return bool(told) and len(json.loads(told)["running_nodes"]) == len(GROUPS["rabbitmq"])


def databases(host: str) -> list[dict[str, Any]]:
    """Return the members of PostgreSQL's cluster (Member, Role, State, ...), as Patroni on a host tells."""
    told = _told(host, "patronictl", "--config-file", "/etc/patroni/config.yml", "list", "--format", "json")
    return json.loads(told) if told else []


def etcd_is_whole(host: str) -> bool:
    """Return whether a host's own etcd has a majority behind it and knows of no member that has not begun."""
    ask = [*_ETCD, "--key", f"{TLS}/etcd.key"]
    told = [line.split(", ")[1] for line in _told(host, *ask, "member", "list").splitlines()]
    return told == ["started"] * len(GROUPS["postgres"]) and bool(_told(host, *ask, "endpoint", "health"))


def database_leader() -> str:
    """Return the host whose PostgreSQL leads; "" for none."""
    seen = next((told for told in map(databases, GROUPS["postgres"]) if told), [])
    return next((member["Member"] for member in seen if member["Role"] == "Leader"), "")


def databases_are_whole(host: str) -> bool:
    """Return whether, as a host sees it, one member leads and all others stream from it."""
    states = sorted(member["State"] for member in databases(host))
    return states == ["running"] + ["streaming"] * (len(GROUPS["postgres"]) - 1)


def state(host: str, user: str, password: str, *command: str) -> str:
    """Return what a user is answered by a host's own instance for state; "" where it does not answer."""
    login = ["--tls", "--cacert", f"{TLS}/ca.pem", "--user", user, "--pass", password, "--no-auth-warning"]
    return _told(host, "redis-cli", "-h", HOSTS[host]["address"], "-p", str(STATE), *login, *command).strip()


def replication(host: str) -> dict[str, str]:
    """Return what the instance for state says of its replication: role, connected_slaves, master_host, ..."""
    secret = (PRIVATE / "secrets/cluster_secret").read_text(encoding="utf-8").strip()
    password = hashlib.sha256(f"{secret} redis monitor".encode()).hexdigest()
    told = state(host, "cloche-monitor", password, "info", "replication")
    return dict(line.strip().split(":", 1) for line in told.splitlines() if ":" in line)


def redis_leader() -> str:
    """Return the host whose instance leads and is followed; "" for none."""
    followed = [host for host in GROUPS["redis"] if int(replication(host).get("connected_slaves", 0)) > 0]
    return followed[0] if len(followed) == 1 else ""


def redis_is_whole(host: str) -> bool:
    """Return whether an instance leads all others, or follows one that it reaches."""
    told = replication(host)
    others = len(GROUPS["redis"]) - 1
    return told.get("master_link_status") == "up" or int(told.get("connected_slaves", 0)) == others


def whole(host: str) -> bool:
    """Return whether a data host is a member of everything again."""
    return etcd_is_whole(host) and broker_is_whole(host) and databases_are_whole(host) and redis_is_whole(host)

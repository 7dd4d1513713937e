"""Versions and settings as running processes have them. No secret is in what is returned.

A ``Side`` says how to run a command where a component is: a host has them all, compose one container for each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nginx_conf

#: Runs an argument vector and returns what it prints; raises where it fails.
Runner = Callable[[Sequence[str]], str]
PROBE = Path(__file__).with_name("application_probe.py")


@dataclass(frozen=True)
class Side:
    """One stack. ``runners``: by service (db, redis, redis_cache, rabbitmq, nginx, web); others are not read."""

    runners: dict[str, Runner]
    redis_files: dict[str, str]
    application: str = "garden"
    #: What runs a Python of the application in its environment, and gunicorn's configuration file there.
    python: Sequence[str] = field(default=("python",))
    gunicorn: str = ""


def read(side: Side) -> dict[str, dict[str, str]]:
    """Return ``{component: {setting: value}}`` of all that the side has."""
    reading: dict[str, dict[str, str]] = {"versions": {}}
    for service, (component, reader) in READERS.items():
        if service in side.runners:
            versions, found = reader(side, service)
            reading["versions"].update(versions)
            reading.update(found if component is None else {component: found})
    return reading


def postgres(side: Side, service: str) -> tuple[dict[str, str], dict[str, str]]:
    """All parameters, the rules of pg_hba.conf, and the application's role and database."""

    def ask(sql: str) -> list[list[str]]:
        command = ["psql", "-X", "-At", "-F", "\t", "-U", "postgres", "-d", "postgres", "-c", sql]
        return [line.split("\t") for line in side.runners[service](command).splitlines()]

    found = dict(ask("SELECT name, current_setting(name) FROM pg_settings"))
    version = found.pop("server_version")
    found["pg_hba"] = "; ".join(
        " ".join(row)
        for row in ask(
            "SELECT type, array_to_string(database, ','), array_to_string(user_name, ','),"
            " coalesce(address, ''), auth_method FROM pg_hba_file_rules ORDER BY rule_number"
        )
    )
    for name, value in _one_row(
        ask,
        "SELECT rolconnlimit, rolsuper, rolcreatedb, rolcreaterole, rolreplication,"
        " split_part(rolpassword, '$', 1) AS password_kind"
        f" FROM pg_authid WHERE rolname = '{side.application}'",
    ):
        found[f"role / {name}"] = value
    for name, value in _one_row(
        ask,
        "SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, datlocprovider, datacl,"
        f" pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = '{side.application}'",
    ):
        found[f"database / {name}"] = value
    found["superuser / password"] = ask("SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'postgres'")[0][
        0
    ]
    return {"PostgreSQL": version}, found


def _one_row(ask: Callable[[str], list[list[str]]], sql: str) -> list[list[str]]:
    return ask(f"SELECT key, value FROM ({sql}) AS row, json_each_text(row_to_json(row))")


def redis(side: Side, service: str) -> tuple[dict[str, str], dict[str, str]]:
    """The directives that the process was started with; nobody may ask it, as the default user is off."""
    found: dict[str, str] = {}
    run = side.runners[service]
    lines = run(["cat", side.redis_files[service]]).splitlines()
    # On hosts the users stand in a file of their own.
    included = [run(["cat", line.split()[1]]).splitlines() for line in lines if line.startswith("include ")]
    for line in [line for part in [lines, *included] for line in part if not line.startswith("include ")]:
        name, _, value = line.partition(" ")
        if name == "user":
            user, _, value = value.partition(" ")
            name = f"user {user}"
        found[name] = re.sub(r"#[0-9a-f]{64}", "#(hash)", " ".join(value.split()))
    version = re.search(r"v=(\S+)", run(["redis-server", "--version"]))
    return {"Redis": version[1] if version else ""}, found


def rabbitmq(side: Side, service: str) -> tuple[dict[str, str], dict[str, str]]:
    """Limits in force, listeners, and the application's objects without hashes of passwords."""
    run = side.runners[service]
    status = json.loads(run(["rabbitmq-diagnostics", "-q", "status", "--formatter", "json"]))
    found = {
        "disk_free_limit": str(status["disk_free_limit"]),
        "vm_memory_high_watermark": json.dumps(status["vm_memory_high_watermark_setting"]),
        "vm_memory_limit": str(status["vm_memory_high_watermark_limit"]),
        "file_descriptors": str(status["file_descriptors"]["total_limit"]),
        "plugins": " ".join(sorted(status["active_plugins"])),
        "alarms": str(status["alarms"]),
    }
    for listener in status["listeners"]:
        found[f"listener / {listener['protocol']}"] = f"{listener['interface']}:{listener['port']}"
    for key in (
        "rabbit.consumer_timeout",
        "rabbit.permit_deprecated_features",
        "rabbitmq_management.path_prefix",
        "kernel.inet_dist_use_interface",
    ):
        application, name = key.split(".")
        found[key] = run(["rabbitmqctl", "-q", "eval", f"application:get_env({application}, {name})."]).strip()
    found["node"] = run(["rabbitmqctl", "-q", "eval", "node()."]).strip()
    definitions = json.loads(run(["rabbitmqctl", "-q", "export_definitions", "-", "--format", "json"]))
    for kind in ("vhosts", "users", "permissions", "policies", "exchanges", "queues", "bindings"):
        for entry in definitions[kind]:
            if kind == "vhosts" or entry.get("vhost", side.application) == side.application:
                found.update(_described(kind, entry))
    return {"RabbitMQ": status["rabbitmq_version"], "Erlang": status["erlang_version"].split()[1]}, found


def _described(kind: str, entry: dict) -> dict[str, str]:
    fields = ("name", "user", "source", "destination", "routing_key")
    name = " ".join(str(entry[key]) for key in fields if entry.get(key) and not (kind == "users" and key == "user"))
    # What Celery makes by itself: for remote control, for delays, for one process that waits for a result.
    if re.search(r"pidbox|celeryev|reply|celery_delayed|[0-9a-f]{8}-[0-9a-f]{4}", name):
        return {}
    plain = {k: v for k, v in entry.items() if k not in ("password_hash", "metadata", "limits")}
    return {f"{kind} / {name}": json.dumps(plain, sort_keys=True)}


def nginx(side: Side, service: str) -> tuple[dict[str, str], dict[str, str]]:
    """Every directive, by the block that it is in."""
    version = side.runners[service](["sh", "-c", "nginx -v 2>&1"])
    return {"nginx": version.rpartition("/")[2].strip()}, nginx_conf.settings(
        side.runners[service](["nginx", "-T", "-q"])
    )


def application(side: Side, service: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """What the application's own code says of itself: Celery, Django, gunicorn and the workers that answer."""
    command = [*side.python, "-c", PROBE.read_text(encoding="utf-8"), side.gunicorn]
    answer = json.loads(side.runners[service](command).strip().splitlines()[-1])
    return answer.pop("versions"), answer


READERS = {
    "db": ("postgres", postgres),
    "redis": ("redis", redis),
    "redis_cache": ("redis_cache", redis),
    "rabbitmq": ("rabbitmq", rabbitmq),
    "nginx": ("nginx", nginx),
    "web": (None, application),
}

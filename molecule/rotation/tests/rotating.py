"""Secrets of the scenario's host: what the store holds, who gets in with them, and the verb; all times in seconds."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from load.plan import Plan
from scenario_host import CA, HOST, PORTS, SCRATCH, play, run, shell

URL = f"https://localhost:{PORTS[443]}"
#: The whole of each test, or what fits into `make test`.
ALL = bool(os.environ.get("CLOCHE_ALL"))
SECRETS = ["postgres", "rabbitmq", "redis", "django", "flower"]
STORE = SCRATCH / "private/secrets"
#: Which file holds what SECRET= means.
FILES = {
    "postgres": "garden_database_password", "rabbitmq": "garden_broker_password", "redis": "garden_redis_password",
    "django": "garden_secret_key", "flower": "operator_password",
}  # fmt: skip
KEYS = {"postgres": "garden.database", "rabbitmq": "garden.broker", "redis": "garden.redis", "django": "garden.django"}


@dataclass(frozen=True)
class Login:
    """Who signs in, and with what."""

    user: str
    password: str


def rotate(secret: str, *arguments: str, marks: Path | None = None, inventory: Path | None = None) -> str:
    """Exchange a secret of the sample application; fail where that fails."""
    only = [] if secret == "flower" else ["-e", "rotate_application=garden"]
    return play("rotate", "-e", f"rotate_secret={secret}", *only, *arguments, marks=marks, timeout=600,
                **({"inventory": inventory} if inventory else {}))  # fmt: skip


def rotate_badly(secret: str, *arguments: str) -> str:
    """The same, which has to fail; return what it said."""
    only = [] if secret == "flower" else ["-e", "rotate_application=garden"]
    done = run("rotate", "-e", f"rotate_secret={secret}", *only, *arguments, timeout=600)
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def value(secret: str) -> str:
    """Return the secret that the lab's store holds."""
    return (STORE / FILES[secret]).read_text().rstrip()


def rotations() -> dict[str, Any]:
    """Return what the store says of exchanges."""
    path = STORE / "rotations.json"
    return json.loads(path.read_text()) if path.exists() else {}


def login(secret: str) -> Login:
    """Return who signs in now: the user comes from the application's own file."""
    if secret == "flower":
        return Login("operator", value(secret))
    if secret in ("postgres", "rabbitmq"):
        turn = rotations().get(KEYS[secret], {}).get("account", "a")
        return Login("garden" if turn == "a" else "garden-b", value(secret))
    return Login("garden", value(secret))


def gets_in(secret: str, who: Login) -> bool:
    """Ask a service with its own client whether it accepts somebody; no password is in a command line."""
    if secret == "flower":
        return all(_status(path, who) not in (401, 403, 500) for path in ("/flower/", "/rabbitmq/api/whoami"))
    if secret == "postgres":
        return _asks(f"psql -h 127.0.0.1 -U {who.user} -qAtc 'select 1' garden", {"PGPASSWORD": who.password})
    if secret == "rabbitmq":
        # With --quiet it waits for ever for a password that comes through a pipe.
        return _asks(f"rabbitmqctl authenticate_user {who.user}", {}, who.password + "\n")
    return all(
        _asks(f"redis-cli -p {port} --user {who.user} ping | grep -qx PONG", {"REDISCLI_AUTH": who.password})
        for port in (6380, 6381)
    )


def _asks(script: str, variables: dict[str, str], given: str = "") -> bool:
    # By name only: the values are in no command line.
    names = [part for name in variables for part in ("-e", name)]
    argv = ["docker", "exec", "-i", *names, HOST, "bash", "-c", script]
    done = subprocess.run(
        argv, input=given, env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode == 0


def _status(path: str, who: Login) -> int:
    trust = ssl.create_default_context(cafile=CA)
    with httpx.Client(base_url=URL, verify=trust, timeout=20, trust_env=False) as client:
        return client.get(path, auth=(who.user, who.password)).status_code


def load_plan() -> Plan:
    """Return the load of the promise, 50 GET and 10 POST a second, for as long as a slow machine takes for it all."""
    return Plan(base_urls=(URL,), ca=str(CA), seconds=3600)


def history(place: str = "garden") -> list[dict[str, Any]]:
    """Return the lines of the application's deploys.log, oldest first, or of ``cloche``, the host's own."""
    return [json.loads(line) for line in shell(f"cat /var/log/{place}/deploys.log").splitlines()]


def exchanges() -> list[tuple[str, str]]:
    """Return what was exchanged by runs that have ended, and how that ended: the oldest first."""
    lines = [entry for entry in history("cloche") if entry["verb"] == "rotate"]
    return [(entry["what"], entry["outcome"]) for entry in lines if entry["outcome"] != "begun"]


def handed_out() -> str:
    """Return the file with the application's secrets."""
    return shell("cat /etc/cloche/garden.env")

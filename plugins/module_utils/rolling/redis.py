"""Redis under Sentinel; options: ``instances`` (name to port), ``address``, ``followers`` (how many a leader has),
``sentinel_port``, ``sentinel`` and ``monitor`` (passwords), ``tls`` (options of RedisAdmin for it)."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from ansible.module_utils.redis_admin import RedisAdmin, RedisError
from ansible.module_utils.rolling.host import Host, TurnError


def leads(host: Host, options: dict[str, Any]) -> bool:
    """Return whether one of the instances here does."""
    return any(_role(options, port)["role"] == "master" for port in options["instances"].values())


def leave(host: Host, options: dict[str, Any]) -> list[str]:
    """Have Sentinel choose another leader for each instance that leads here."""
    led = [name for name, port in options["instances"].items() if _role(options, port)["role"] == "master"]
    for name in led:
        host.until(lambda name=name: _fail_over(options, name), f"Sentinel replaces the leader of {name}")
        port = options["instances"][name]
        host.until(lambda port=port: _follows(options, port), f"{name} follows another")
    return [f"another leads {', '.join(led)}"] if led else []


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until each instance follows one that it reaches, or leads all others."""
    for name, port in options["instances"].items():
        host.until(lambda port=port: _follows(options, port) or _leads_all(options, port), f"{name} follows or leads")


def _fail_over(options: dict[str, Any], name: str) -> bool:
    with _connected(options, options["sentinel_port"], "sentinel") as one:
        try:
            return one.call("SENTINEL", "FAILOVER", name) == "OK"
        except RedisError as error:
            # One is under way, or nobody to follow is known yet.
            raise TurnError(str(error)) from None


def _connected(options: dict[str, Any], port: int, user: str) -> closing[RedisAdmin]:
    return closing(RedisAdmin(options["address"], port, f"cloche-{user}", options[user], **options.get("tls", {})))


def _role(options: dict[str, Any], port: int) -> dict[str, str]:
    with _connected(options, port, "monitor") as one:
        told = one.call("INFO", "replication")
    return dict(line.strip().split(":", 1) for line in told.splitlines() if ":" in line)


def _follows(options: dict[str, Any], port: int) -> bool:
    told = _role(options, port)
    return told["role"] == "slave" and told["master_link_status"] == "up"


def _leads_all(options: dict[str, Any], port: int) -> bool:
    told = _role(options, port)
    return told["role"] == "master" and int(told["connected_slaves"]) == options["followers"]

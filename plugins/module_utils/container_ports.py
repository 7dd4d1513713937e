"""Which ports of the controller the containers of an inventory want, and who has them already."""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any

Problem = dict[str, str]
Port = tuple[str, int, str]
_PUBLISHED = re.compile(r"(?:(?P<address>\[[0-9a-f:]+\]|[\d.]+):)?(?P<port>\d+):\d+(?:/(?P<protocol>tcp|udp))?")


def parse(entry: Any) -> Port:
    """Return (address, port, protocol) of `127.0.0.1:8443:443` or `8443:443/tcp`; ValueError for anything else."""
    match = _PUBLISHED.fullmatch(str(entry))
    if not match or not 1 <= int(match["port"]) <= 65535:
        raise ValueError(f"{entry} is no [address:]port:port[/protocol]")
    return (match["address"] or "0.0.0.0").strip("[]"), int(match["port"]), match["protocol"] or "tcp"


def published(containers: Iterable[dict[str, Any]]) -> dict[tuple[int, str], str]:
    """Return (port, protocol) -> container of what running containers publish, from the engine's list of them."""
    return {
        (port["PublicPort"], port["Type"]): container["Names"][0].lstrip("/")
        for container in containers
        for port in container.get("Ports") or []
        if port.get("PublicPort")
    }


def problems(
    wanted: dict[str, list[Any]], taken: dict[tuple[int, str], str], is_free: Callable[[Port], bool]
) -> list[Problem]:
    """Return a problem for each port of `wanted` (host -> entries) that somebody else has.

    A host's own container (it bears the host's name) may hold it: `make up` a second time is no mistake.
    """
    found, first = [], {}
    for host, entries in wanted.items():
        for entry in entries:
            remedy = _remedy(host, entry, taken, first, is_free)
            if remedy:
                found.append({"variable": f"container.ports of {host}", "value": str(entry), "remedy": remedy})
    return found


def _remedy(
    host: str,
    entry: Any,
    taken: dict[tuple[int, str], str],
    first: dict[tuple[int, str], str],
    is_free: Callable[[Port], bool],
) -> str | None:
    try:
        port = parse(entry)
    except ValueError:
        return "write it as [address:]port:port, with a port of the controller first"
    key = port[1:]
    if first.setdefault(key, host) != host:
        return f"host {first[key]} publishes it, too; choose another"
    owner = taken.get(key)
    if owner == host or (owner is None and is_free(port)):
        return None
    by = f"by the container {owner}" if owner else "by a process of this machine"
    return f"in use on the controller {by}; stop that, or choose another port"


def can_bind(port: Port) -> bool:
    """Return whether an address and port of this machine can be bound, which is tried and undone."""
    address, number, protocol = port
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as probe:
        # As the engine does it: connections that linger after a stop don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError as error:
            # Only this says that somebody has it; a port below 1024 is the engine's business, which is root.
            return error.errno != errno.EADDRINUSE
    return True

"""A balancer; options: ``address``, the one that balancers share, ``peers``, the others' own, and ``port``."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from ansible.module_utils.rolling.host import Host, TurnError
from ansible.module_utils.status import balancer

SERVES = "/usr/local/lib/cloche/balancer/serves"
#: Has HAProxy tell clients, by each answer, that their connection ends. It forgets that when it is restarted.
FAREWELL = "experimental-mode on; set var proc.leaving bool(true)"
#: Seconds of it before the address goes, with which connections would just be gone.
PATIENCE = 10.0


def leads(host: Host, options: dict[str, Any]) -> bool:
    """Return whether it has the address."""
    return bool(options["address"]) and balancer.has(options["address"], host.command(*balancer.ADDRESSES))


def leave(host: Host, options: dict[str, Any]) -> list[str]:
    """Give the address up, where another one serves."""
    if not options["address"] or not options["peers"]:
        return []
    if not any(_serves(peer, options["port"]) for peer in options["peers"]):
        raise TurnError(f"no other balancer serves ({', '.join(options['peers'])}): the address stays here")
    had = leads(host, options)
    if had:
        # One that does not run has no connections.
        with suppress(OSError):
            balancer.ask(FAREWELL)
        time.sleep(PATIENCE)
    host.command("systemctl", "stop", "keepalived.service")
    return ["another has the address"] if had else []


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until it could have the address: it serves, and a web host is ready."""
    units = ["keepalived.service"] if options["address"] else []
    host.command("systemctl", "start", "balancer.service", *units)
    host.until(lambda: host.try_command(SERVES)[0], "HAProxy serves")
    host.until(_ready, "a web host is ready")


def _ready() -> bool:
    seen = balancer.web_hosts(balancer.ask("show stat"))
    return not seen or any(entry["state"] == "ready" for entry in seen)


def _serves(peer: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((peer, port), 3):
        return True
    return False

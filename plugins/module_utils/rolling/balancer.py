"""A balancer; options: ``address``, the one that balancers share, ``peers``, the others' own, and ``port``."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from ansible.module_utils.rolling.host import Host, TurnError
from ansible.module_utils.status import balancer

SERVES = "/usr/local/lib/cloche/balancer/serves"
#: Seconds in which clients learn, by an answer, that their connection ends: with the address it would just be gone.
FAREWELL = 10.0


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
        _keep_connections(False)
        time.sleep(FAREWELL)
    host.command("systemctl", "stop", "keepalived.service")
    return ["another has the address"] if had else []


def join(host: Host, options: dict[str, Any]) -> None:
    """Wait until it could have the address: it serves, and a web host is ready."""
    units = ["keepalived.service"] if options["address"] else []
    host.command("systemctl", "start", "balancer.service", *units)
    host.until(lambda: host.try_command(SERVES)[0], "HAProxy serves")
    _keep_connections(True)
    host.until(_ready, "a web host is ready")


def _keep_connections(keep: bool) -> None:
    # One that is not running has none.
    with suppress(OSError):
        balancer.ask(f"experimental-mode on; set var proc.leaving bool({'false' if keep else 'true'})")


def _ready() -> bool:
    seen = balancer.web_hosts(balancer.ask("show stat"))
    return not seen or any(entry["state"] == "ready" for entry in seen)


def _serves(peer: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((peer, port), 3):
        return True
    return False

"""What a balancer sees of the web hosts, and whether it has the address that balancers share."""

from __future__ import annotations

import csv
import json
import socket
from typing import Any

#: HAProxy's administrative socket.
SOCKET = "/run/balancer/admin.sock"
PATIENCE = 3.0  # seconds
#: What asks for the addresses of a host.
ADDRESSES = ["ip", "-json", "address"]


def ask(command: str, path: str = SOCKET) -> str:
    """Return what HAProxy answers to a command; OSError where it doesn't."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(path)
        connection.sendall(command.encode() + b"\n")
        with connection.makefile(encoding="utf-8", errors="replace") as answer:
            return answer.read()


def web_hosts(statistics: str) -> list[dict[str, Any]]:
    """Return ``{application, host, state, seconds, reason}`` of each web host that is looked at, from ``show stat``.

    ``state`` is ``ready``, ``not ready`` (``reason`` is what it answers) or ``away``; ``seconds`` since when.
    """
    found = []
    for row in csv.DictReader(statistics.removeprefix("# ").splitlines()):
        # Those without a check only stand in where none is ready.
        if row["svname"] in ("FRONTEND", "BACKEND") or not row["check_status"]:
            continue
        state = "ready" if row["status"].startswith("UP") else "not ready" if row["status"] == "NOLB" else "away"
        reasons = {"ready": "", "not ready": row["check_code"], "away": row["check_desc"]}
        entry = {"application": row["pxname"], "host": row["svname"], "state": state}
        found.append(entry | {"seconds": int(row["lastchg"] or 0), "reason": reasons[state]})
    return found


def has(address: str, shown: str) -> bool:
    """Return whether one of the host's interfaces has an address; ``shown`` is what ``ADDRESSES`` prints."""
    return any(entry["local"] == address for link in json.loads(shown) for entry in link["addr_info"])

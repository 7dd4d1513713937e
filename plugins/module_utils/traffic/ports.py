"""What one host has to let in."""

from __future__ import annotations

from typing import Any

from .flows import OUTSIDE, Flow


def opened(
    found: list[Flow], host: str, groups: dict[str, list[str]], addresses: dict[str, str]
) -> list[dict[str, Any]]:
    """Return ``{what, protocol, ports, sources}`` of a host: who may reach which of its ports, the same ports in one.

    `addresses`: host to the address that others see. `sources` holds addresses in order, or is empty for everybody.
    What a host says to itself is no traffic. Raises ValueError for a source whose address nobody knows.
    """
    doors: dict[tuple[str, tuple[int, ...]], dict[str, Any]] = {}
    for flow in found:
        if flow.target != "all" and host not in groups.get(flow.target, []):
            continue
        fresh = {"what": [], "protocol": flow.protocol, "ports": list(flow.ports), "sources": set(), "anybody": False}
        door = doors.setdefault((flow.protocol, flow.ports), fresh)
        door["anybody"] |= flow.source in OUTSIDE
        peers = [peer for peer in groups.get(flow.source, []) if peer != host]
        unknown = [peer for peer in peers if not addresses.get(peer)]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} has no address in hosts.yml, and {host} is to let it in")
        door["sources"] |= {addresses[peer] for peer in peers}
        door["what"].append(f"{flow.what} of {flow.source}")
    return [
        {
            "what": ", ".join(dict.fromkeys(door["what"])),
            "protocol": door["protocol"],
            "ports": door["ports"],
            "sources": [] if door["anybody"] else sorted(door["sources"]),
        }
        for door in doors.values()
        if door["anybody"] or door["sources"]
    ]

"""Addresses and networks, as an operator types them."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_interface, ip_network


def split_networks(text: str) -> list[str]:
    """Return what stands between commas and blanks."""
    return text.replace(",", " ").split()


def invalid_networks(texts: list[str]) -> list[str]:
    """Return those that are neither an address nor a network; bits behind a network's prefix are a slip as well."""
    return [text for text in texts if not _is_network(text)]


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return "%" not in text


def address_link(shown: str, own: str, moving: str) -> dict[str, str | int]:
    """Return ``{dev, prefix, fault}``: the interface with a host's own address, and why another can't be there as well.

    ``shown`` is what ``ip -json address`` says on the host; ``fault`` is empty where it can.
    """
    found = {
        entry["local"]: (link["ifname"], entry["prefixlen"])
        for link in json.loads(shown)
        for entry in link["addr_info"]
    }
    dev, prefix = found.get(own, ("", 0))
    return {"dev": dev, "prefix": prefix, "fault": _link_fault(dev, prefix, own, moving)}


def _link_fault(dev: str, prefix: int, own: str, moving: str) -> str:
    if not dev:
        return f"no interface of the host has {own}, by which the other balancers know it"
    network = ip_interface(f"{own}/{prefix}").network
    if own == moving:
        return "that is the host's own; name an unused one"
    if invalid_networks([moving]) or "/" in moving:
        return "that is no address; say such as 192.0.2.10"
    if ip_address(moving) not in network:
        return f"an address moves within a network, and {own} is in {network}"
    return ""


class FilterModule:
    """Offer the filters to templates."""

    def filters(self) -> dict:
        return {"split_networks": split_networks, "invalid_networks": invalid_networks, "address_link": address_link}

"""Addresses and networks, as an operator types them."""

from __future__ import annotations

from ipaddress import ip_network


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


class FilterModule:
    """Offer ``split_networks`` and ``invalid_networks`` to templates."""

    def filters(self) -> dict:
        return {"split_networks": split_networks, "invalid_networks": invalid_networks}

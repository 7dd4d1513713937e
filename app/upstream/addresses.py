"""Which addresses a request may go to."""

import asyncio
import ipaddress
import socket

import httpx

from upstream.errors import PermanentError


def check_redirect(source: httpx.URL, target: httpx.URL) -> None:
    """Raise PermanentError where a redirect leads to another scheme, but for the step from http to https."""
    if target.scheme not in {source.scheme, "https"}:
        raise PermanentError(f"{source.host} redirects to an address that is not followed ({target.scheme}).")


async def check_public(url: httpx.URL) -> None:
    """Raise PermanentError where the URL's host has an address that is not public.

    An answer from elsewhere may name any address; without this check it could make a worker ask the services of
    its own network. A name without an address passes: connecting to it fails by itself.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, None, type=socket.SOCK_STREAM)
    except OSError:
        return
    for *_, address in found:
        # An IPv6 address may carry its zone.
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise PermanentError(f"{url.host} is not a public address.")

"""Clients that keep their connections, as browsers do."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import time
from typing import Any

import httpx

from load.plan import Plan


class ConnectTo(httpx.AsyncHTTPTransport):
    """Connect to one address, whatever the name; certificate and Host header are those of the name."""

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__(**options)
        self._address = address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request that names its host to the address."""
        named = {**request.extensions, "sni_hostname": request.url.host}
        url = request.url.copy_with(host=self._address)
        sent = httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=named)
        return await super().handle_async_request(sent)


class Browser:
    """One client at one address. A request that fails is not tried again: every failure shows."""

    def __init__(self, base_url: str, address: str, tls: ssl.SSLContext, timeout: float) -> None:
        # No bound on connections: in an open loop a request that waits for one would be held back by those before it.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=6, keepalive_expiry=30)
        options = {"verify": tls, "limits": limits, "trust_env": False}
        transport = ConnectTo(address, **options) if address else httpx.AsyncHTTPTransport(**options)
        self._client = httpx.AsyncClient(base_url=base_url, transport=transport, timeout=None)
        self._timeout = timeout
        self.host = httpx.URL(base_url).netloc.decode() + (f" at {address}" if address else "")

    async def send(self, method: str, path: str, **options: Any) -> tuple[httpx.Response | None, str]:
        """Return the answer, its body read, or None and the class of the error."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._client.request(method, path, **options), ""
        except TimeoutError:
            return None, "Timeout"
        # Whatever it is, it is a request that failed, and no reason to send the next ones late.
        except Exception as error:
            return None, type(error).__name__

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def open_browsers(plan: Plan) -> list[Browser]:
    """Return the plan's browsers, dealt over each base URL at each address. Raises OSError for an unreadable CA."""
    tls = ssl.create_default_context(cafile=plan.ca or None)
    targets = itertools.cycle(itertools.product(plan.base_urls, plan.connect_to or ("",)))
    return [Browser(*target, tls, plan.timeout) for target in itertools.islice(targets, plan.browsers)]


async def warm_up(browsers: list[Browser], path: str, bound: float = 10) -> None:
    """Open each browser's first connection, unrecorded, so that the quiet time before a release is quiet."""
    end = time.monotonic() + bound
    for browser in browsers:
        if time.monotonic() < end:
            await browser.send("GET", path)

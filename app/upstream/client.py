"""One GET, bounded in time and size."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from upstream.addresses import check_public, check_redirect
from upstream.errors import PermanentError, TemporaryError
from upstream.statuses import check

HEADERS = {
    "User-Agent": "Garden/1.0 (sample application)",
    # Not compressed: the size limit would otherwise hold for what arrives, not for what it grows to.
    "Accept-Encoding": "identity",
}
MAX_REDIRECTS = 3

# It logs every address it asks, with its query: an operator's may hold a key.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Limits:
    """Seconds for connecting, for each read and for everything together; bytes of the answer."""

    connect: float = 5
    read: float = 10
    total: float = 30
    size: int = 5_000_000


@dataclass(frozen=True)
class Answer:
    """A successful answer."""

    host: str
    content_type: str
    body: bytes

    def json(self) -> Any:
        """Return what the body says. Raises TemporaryError where it is not JSON."""
        if "json" not in self.content_type and "javascript" not in self.content_type:
            raise self.malformed()
        try:
            return json.loads(self.body)
        # RecursionError: deeply nested brackets.
        except (ValueError, RecursionError) as problem:
            raise self.malformed() from problem

    def malformed(self) -> TemporaryError:
        """Return the error to raise where the body is not what was asked for."""
        return TemporaryError(f"{self.host} answered with something that can't be read.")


def get(
    url: str,
    *,
    params: Mapping[str, str | int] | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    inside: str | None = None,
) -> Answer:
    """Fetch the URL. Raises TemporaryError or PermanentError.

    ``inside``: for a URL that was not chosen by the operator, the one host that may have an address which is
    not public. Credentials in the headers are not sent on to another host.
    """
    limits = limits or Limits()
    request = httpx.Request("GET", _address(url), params=params, headers={**HEADERS, **(headers or {})})
    # Asynchronous for its time limit, which also ends an answer that drips in a byte at a time.
    return asyncio.run(_bounded(request, limits, inside))


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as problem:
        raise PermanentError("The address to ask is not valid.") from problem
    if address.scheme not in {"https", "http"} or not address.host:
        raise PermanentError("The address to ask is not valid.")
    return address


async def _bounded(request: httpx.Request, limits: Limits, inside: str | None) -> Answer:
    host = request.url.host
    try:
        async with asyncio.timeout(limits.total), httpx.AsyncClient(timeout=_timeouts(limits)) as client:
            return await _follow(client, request, limits, inside)
    except (TimeoutError, httpx.TimeoutException) as problem:
        raise TemporaryError(f"{host} did not answer in time.") from problem
    except httpx.ConnectError as problem:
        raise TemporaryError(f"{host} can't be reached.") from problem
    except httpx.HTTPError as problem:
        raise TemporaryError(f"{host} broke off its answer.") from problem


def _timeouts(limits: Limits) -> httpx.Timeout:
    return httpx.Timeout(limits.read, connect=limits.connect)


async def _follow(client: httpx.AsyncClient, request: httpx.Request, limits: Limits, inside: str | None) -> Answer:
    for _ in range(MAX_REDIRECTS + 1):
        if inside is not None and request.url.host != inside:
            await check_public(request.url)
        response = await client.send(request, stream=True)
        try:
            if response.next_request is None:
                return await _read(response, limits.size)
            check_redirect(request.url, response.next_request.url)
            request = response.next_request
        finally:
            await response.aclose()
    raise PermanentError(f"{request.url.host} redirects again and again.")


async def _read(response: httpx.Response, size: int) -> Answer:
    check(response, time.time())
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > size:
            raise PermanentError(f"{response.url.host} answered with more than {size:,} bytes.")
    return Answer(response.url.host, response.headers.get("Content-Type", ""), bytes(body))

"""The few calls of RabbitMQ's management API that the kit needs, with the standard library only."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any


class Unreachable(Exception):
    """No answer from the management API, or one that says that the broker is still starting."""


class Refused(Exception):
    """The management API does not accept this user and password."""


class ApiError(Exception):
    """The management API answered with an error; the message carries its status and reason."""


class ManagementApi:
    """One management API.

    ``url`` is its address with the path prefix but without ``/api``; ``call_timeout`` bounds one request, ``wait`` how
    long to repeat the first one until a broker that is starting answers. Both in seconds.
    """

    def __init__(self, url: str, user: str, password: str, *, wait: float = 0, call_timeout: float = 30) -> None:
        self._base = url.rstrip("/") + "/api"
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self._wait = wait
        self._call_timeout = call_timeout
        # The API is local or on a private network: never through a proxy of the environment.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def definitions(self) -> dict[str, Any]:
        """Everything that the broker holds, of all virtual hosts; waits for a broker that is starting."""
        deadline = time.monotonic() + self._wait
        while True:
            try:
                return self._call("GET", "/definitions")
            except Unreachable:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.5)

    def queues(self) -> list[dict[str, Any]]:
        """Every queue of every virtual host: name, vhost, messages_ready, messages_unacknowledged, consumers.

        The broker counts every five seconds; a queue that it has not counted yet lacks the figures.
        """
        return self._call("GET", "/queues?columns=name,vhost,messages_ready,messages_unacknowledged,consumers")

    def nodes(self) -> list[dict[str, Any]]:
        """Every node of the cluster, by this one's knowledge: name, running."""
        return self._call("GET", "/nodes?columns=name,running")

    def import_definitions(self, document: dict[str, Any]) -> None:
        """Merge a document into the broker, in one request."""
        self._call("POST", "/definitions", document)

    def delete(self, kind: str, name: str) -> None:
        """Delete one object of a kind that has no virtual host: ``users`` or ``vhosts``."""
        self._call("DELETE", f"/{kind}/{urllib.parse.quote(name, safe='')}")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data=data, headers=self._headers, method=method)
        try:
            with self._opener.open(request, timeout=self._call_timeout) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            raise _translated(error, f"{method} {self._base}{path}") from error
        except OSError as error:
            raise Unreachable(f"{method} {self._base}{path}: {error}") from error
        return json.loads(content) if content else None


def _translated(error: urllib.error.HTTPError, what: str) -> Exception:
    reason = error.read().decode(errors="replace")[:500]
    if error.code == 401:
        return Refused(f"{what}: 401 {reason}")
    if error.code == 503:
        return Unreachable(f"{what}: 503 {reason}")
    return ApiError(f"{what}: {error.code} {reason}")

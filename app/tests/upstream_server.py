"""A local HTTP server that plays the upstream APIs, well behaved or not."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer. ``wait``: seconds before it; ``drip``: seconds between its bytes; ``missing``: bytes never sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    wait: float = 0
    drip: float = 0
    missing: int = 0


def as_json(value: Any, **more: Any) -> Reply:
    return Reply(json.dumps(value).encode(), **more)


@dataclass(frozen=True)
class Seen:
    """A request: its path, its query (first value of each name) and its headers."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Upstream:
    """Replies by path, in their order; the last one is repeated."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self._replies: dict[str, list[Reply]] = {}

    def answer(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def reply_to(self, target: str, headers: dict[str, str]) -> Reply:
        parts = urlsplit(target)
        self.seen.append(Seen(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}, headers))
        replies = self._replies.get(parts.path, [Reply(status=404)])
        return replies.pop(0) if len(replies) > 1 else replies[0]


class _Handler(BaseHTTPRequestHandler):
    upstream: Upstream

    def do_GET(self) -> None:
        reply = self.upstream.reply_to(self.path, dict(self.headers))
        time.sleep(reply.wait)
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body) + reply.missing))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self._send(reply)
        except OSError:
            pass  # the client has had enough

    def _send(self, reply: Reply) -> None:
        if not reply.drip:
            self.wfile.write(reply.body)
        for byte in reply.body if reply.drip else b"":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(reply.drip)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serve() -> Iterator[Upstream]:
    """Run the server for the length of the context."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        handler.upstream = Upstream(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield handler.upstream
        server.shutdown()

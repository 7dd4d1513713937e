"""HTTP over a unix socket."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection to a unix socket; ``host`` is what the Host header says, ``timeout`` is in seconds."""

    def __init__(self, path: str | Path, host: str, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

#!/usr/bin/python3
"""Answers every request with what arrived, as JSON; `echo.py /run/some.sock` or `echo.py PORT`."""

import json
import os
import re
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler


class Echo(BaseHTTPRequestHandler):
    """Some requests get more than an echo.

    `/status/NNN` answers with that status, `…/sleep/N` after so many seconds, `/send/PATH` lets nginx send a file in
    its place, `…/drip` answers in two pieces, three seconds apart, and a request to upgrade with one word over the
    raw connection, after so many seconds of silence.
    """

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        seconds = re.search(r"/sleep/(\d+)$", self.path)
        if self.headers.get("Upgrade"):
            self.send_response(101)
            self.send_header("Upgrade", self.headers["Upgrade"])
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            time.sleep(int(seconds[1]) if seconds else 0)
            self.wfile.write(b"upgraded")
            self.close_connection = True
            return
        if self.path.endswith("/drip"):
            self.drip()
            return
        time.sleep(int(seconds[1]) if seconds else 0)
        size = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        seen = {"path": self.path, "method": self.command, "size": size, "headers": dict(self.headers)}
        body = json.dumps(seen).encode()
        self.send_response(int(self.path[8:11]) if self.path.startswith("/status/") else 200)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/framed":
            self.send_header("X-Frame-Options", "SAMEORIGIN")
            self.send_header("X-Request-ID", "of-the-application")
        if self.path.startswith("/send/"):
            self.send_header("X-Accel-Redirect", self.path.removeprefix("/send"))
            # As Django's own middleware and a view for downloads send them.
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Disposition", "attachment")
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        time.sleep(3)
        self.wfile.write(b"data: second\n\n")

    do_GET = do_POST = do_PUT = answer

    def address_string(self) -> str:
        return "-"


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


where = sys.argv[1]
if where.isdigit():
    TcpServer(("127.0.0.1", int(where)), Echo).serve_forever()
else:
    if os.path.exists(where):
        os.unlink(where)
    os.umask(0o007)
    UnixServer(where, Echo).serve_forever()

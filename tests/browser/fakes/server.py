"""A code host's search API, a feed of photos and a mailbox, for an application without a network.

    python3 server.py HTTP_PORT SMTP_PORT

Needs nothing but Python: it runs beside the application, which is set to it by REPORTS_API_URL, PHOTOS_FEED_URL and
EMAIL_URL. GET /mails/?containing=TEXT shows what the mailbox holds.
"""

import json
import struct
import sys
import threading
import zlib
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORIES = 230
MAILS: list[dict[str, Any]] = []


def shown(mail: EmailMessage, sender: str, recipients: list[str]) -> dict[str, Any]:
    """Return a mail as JSON can say it; ``bodies`` by content type."""
    bodies = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    subject, reply_to = str(mail["Subject"]), str(mail["Reply-To"] or "")
    return {"from": sender, "to": recipients, "subject": subject, "reply_to": reply_to, "bodies": bodies}


class Mailbox(StreamRequestHandler):
    """As much of SMTP as Python's client speaks."""

    def handle(self) -> None:
        """Take mails until the client quits."""
        sender, recipients = "", []
        self._say("220 fakes")
        while line := self.rfile.readline():
            command = line.decode(errors="replace").strip()
            verb = command[:4].upper()
            if verb == "QUIT":
                return self._say("221 Bye")
            if verb == "MAIL":
                sender, recipients = self._address(command), []
            elif verb == "RCPT":
                recipients.append(self._address(command))
            elif verb == "DATA":
                self._say("354 Go ahead")
                MAILS.append(shown(self._message(), sender, recipients))
            self._say("250 OK")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _address(self, command: str) -> str:
        return command.partition("<")[2].partition(">")[0]

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), _class=EmailMessage, policy=policy.default)


class Upstreams(BaseHTTPRequestHandler):
    """The two APIs, the photo and the mailbox's contents."""

    def do_GET(self) -> None:
        """Answer in the form that the real ones have."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/search/repositories":
            self._json(repositories(query))
        elif parts.path == "/feed/":
            self._json({"items": [photo(self.headers["Host"])]})
        elif parts.path == "/rowan.png":
            self._send(png(640, 420), "image/png")
        elif parts.path == "/mails/":
            self._json([mail for mail in MAILS if query.get("containing", "") in json.dumps(mail)])
        else:
            self.send_error(404)

    def _json(self, value: Any) -> None:
        self._send(json.dumps(value).encode(), "application/json")

    def _send(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def repositories(query: dict[str, str]) -> dict[str, Any]:
    """Return a page of the search."""
    language = query["q"].partition(":")[2].strip('"')
    size, number = int(query["per_page"]), int(query["page"])
    items = []
    for rank in range(1, REPOSITORIES + 1)[size * (number - 1) : size * number]:
        name = f"{language.lower()}-{rank}"
        url = f"https://code.test/garden/{name}"
        about = None if rank % 10 == 0 else f'Number {rank}, "quoted", with a comma'
        items.append({"name": name, "full_name": f"garden/{name}", "html_url": url, "description": about})
    return {"total_count": REPOSITORIES, "items": items}


def photo(host: str) -> dict[str, Any]:
    """Return the newest photo of the feed."""
    link, image = "https://photos.test/garden/4711/", f"http://{host}/rowan.png"
    return {"title": "Rowan at dusk", "link": link, "media": {"m": image}}


def png(width: int, height: int) -> bytes:
    """Return a picture: hills before an evening sky."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            hill = height * 0.7 + 40 * ((x / width - 0.3) ** 2 * 4 - 0.5)
            share = y / height
            rows += bytes((23, 96, 60)) if y > hill else bytes((int(90 + 150 * share), int(130 + 50 * share), 190))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def main() -> None:
    """Serve both until killed."""
    http_port, smtp_port = map(int, sys.argv[1:])
    ThreadingTCPServer.allow_reuse_address = ThreadingTCPServer.daemon_threads = True
    mailbox = ThreadingTCPServer(("127.0.0.1", smtp_port), Mailbox)
    threading.Thread(target=mailbox.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("", http_port), Upstreams).serve_forever()


if __name__ == "__main__":
    main()

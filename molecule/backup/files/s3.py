"""An S3 service in a folder, as far as pgBackRest and restic ask: s3.py FOLDER PORT CERTIFICATE KEY ACCESS_KEY.

Each object is a file of the folder. Whoever names another access key is refused; signatures are not looked at.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import sys
import uuid
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

FOLDER, ACCESS_KEY = Path(sys.argv[1]), sys.argv[5]
PARTS: dict[str, dict[int, bytes]] = {}


def place(key: str) -> Path:
    return FOLDER / quote(key, safe="")


def listed(prefix: str, delimiter: str) -> str:
    """Return all objects below a prefix, and what is below the next delimiter as one."""
    objects, below = [], set()
    for path in sorted(FOLDER.iterdir()):
        key = unquote(path.name)
        if not key.startswith(prefix):
            continue
        head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        if found:
            below.add(prefix + head + found)
            continue
        kept = path.stat()
        objects.append(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f'<ETag>"0"</ETag><Size>{kept.st_size}</Size><StorageClass>STANDARD</StorageClass></Contents>'
        )
    shared = "".join(f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(below))
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(objects)}{shared}</ListBucketResult>"


class Bucket(BaseHTTPRequestHandler):
    """Any bucket is there; its name is the first part of the path."""

    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        url = urlsplit(self.path)
        self.key = unquote(url.path).lstrip("/").partition("/")[2]
        self.asked = dict(parse_qsl(url.query, keep_blank_values=True))
        self.body = self._read()
        if f"Credential={ACCESS_KEY}/" not in self.headers.get("Authorization", ""):
            return self.answer(403, "<Error><Code>AccessDenied</Code></Error>")
        return getattr(self, f"of_{self.command.lower()}")()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def _read(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
            return body
        plain, rest = b"", body
        while size := int(rest.split(b"\r\n", 1)[0].split(b";")[0], 16):
            rest = rest.split(b"\r\n", 1)[1]
            plain, rest = plain + rest[:size], rest[size + 2 :]
        return plain

    def answer(self, status: int, body: str | bytes = b"", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content_Length": str(len(data)), "ETag": '"0"', **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def of_head(self) -> None:
        if not self.key:
            return self.answer(200)
        path = place(self.key)
        if not path.is_file():
            return self.answer(404)
        kept = path.stat()
        return self.answer(200, Content_Length=str(kept.st_size), Last_Modified=formatdate(kept.st_mtime, usegmt=True))

    def of_get(self) -> None:
        if "location" in self.asked:
            return self.answer(200, "<LocationConstraint>eu-1</LocationConstraint>")
        if not self.key:
            return self.answer(200, listed(self.asked.get("prefix", ""), self.asked.get("delimiter", "")))
        path = place(self.key)
        if not path.is_file():
            return self.answer(404, "<Error><Code>NoSuchKey</Code></Error>")
        data, modified = path.read_bytes(), formatdate(path.stat().st_mtime, usegmt=True)
        if part := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(part[1]), min(int(part[2] or len(data) - 1), len(data) - 1)
            return self.answer(206, data[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}",
                               Last_Modified=modified)  # fmt: skip
        return self.answer(200, data, Last_Modified=modified)

    def of_put(self) -> None:
        if "uploadId" in self.asked:
            PARTS[self.asked["uploadId"]][int(self.asked["partNumber"])] = self.body
        elif self.key:
            place(self.key).write_bytes(self.body)
        # What a part was is told again in the end.
        self.answer(200, ETag=f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"')

    def of_post(self) -> None:
        if "delete" in self.asked:
            for key in re.findall(r"<Key>([^<]*)</Key>", self.body.decode()):
                place(key).unlink(missing_ok=True)
            return self.answer(200, "<DeleteResult></DeleteResult>")
        if "uploads" in self.asked:
            upload = uuid.uuid4().hex
            PARTS[upload] = {}
            words = f"<UploadId>{upload}</UploadId>"
            return self.answer(200, f"<InitiateMultipartUploadResult>{words}</InitiateMultipartUploadResult>")
        parts = PARTS.pop(self.asked["uploadId"])
        place(self.key).write_bytes(b"".join(parts[number] for number in sorted(parts)))
        words = '<ETag>"0"</ETag>'
        return self.answer(200, f"<CompleteMultipartUploadResult>{words}</CompleteMultipartUploadResult>")

    def of_delete(self) -> None:
        place(self.key).unlink(missing_ok=True)
        self.answer(204)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


FOLDER.mkdir(parents=True, exist_ok=True)
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Bucket)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3], sys.argv[4])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

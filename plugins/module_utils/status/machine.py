"""What a host has left: memory, disk, a certificate's days."""

from __future__ import annotations

import calendar
import ssl
import time
from collections.abc import Iterator

_UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x17, 0x18, 0xA0


def memory(meminfo: str) -> dict[str, int]:
    """Return ``{total_mb, available_mb}`` of the text of /proc/meminfo; KeyError where it has no such line."""
    kib = {line.split(":")[0]: int(line.split()[1]) for line in meminfo.splitlines() if ":" in line}
    return {"total_mb": kib["MemTotal"] // 1024, "available_mb": kib["MemAvailable"] // 1024}


def disk(path: str, block_size: int, blocks: int, available: int) -> dict[str, int | str]:
    """Return ``{path, total_mb, free_mb}`` of a file system's figures; free is what a process without root gets."""
    return {"path": path, "total_mb": blocks * block_size // 2**20, "free_mb": available * block_size // 2**20}


def expiry(pem: str) -> int:
    """Return when the first certificate of a PEM text expires, in seconds since 1970; ValueError for anything else.

    Hosts have neither the openssl command nor Python's cryptography for certain, and the standard library decodes only
    certificates that it has verified.
    """
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    if begin not in pem or end not in pem:
        raise ValueError("no PEM certificate in it")
    first = pem[pem.index(begin) : pem.index(end) + len(end)]
    try:
        _, certificate = next(_elements(ssl.PEM_cert_to_DER_cert(first)))
        _, body = next(_elements(certificate))
        # serial, signature, issuer, validity; the version before them is optional
        fields = [content for tag, content in _elements(body) if tag != _VERSION]
        tag, text = list(_elements(fields[3]))[1]
        return calendar.timegm(time.strptime(_four_digits(tag, text.decode("ascii")), "%Y%m%d%H%M%SZ"))
    except (IndexError, StopIteration, UnicodeDecodeError) as error:
        raise ValueError("not a certificate") from error


def _four_digits(tag: int, text: str) -> str:
    if tag == _UTC_TIME:
        return ("20" if text[:2] < "50" else "19") + text
    if tag == _GENERALIZED_TIME:
        return text
    raise ValueError("not a certificate")


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each DER element in a row."""
    position = 0
    while position < len(data):
        tag, length, position = data[position], data[position + 1], position + 2
        if length & 0x80:
            size = length & 0x7F
            length, position = int.from_bytes(data[position : position + size], "big"), position + size
        yield tag, data[position : position + length]
        position += length

"""A certificate's days, and how its renewal went."""

from __future__ import annotations

import calendar
import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x17, 0x18, 0xA0


def describe(path: str, outcome: str, now: float) -> dict[str, Any]:
    """Return ``{path, seconds, lifetime, renewal, reason}`` of a certificate.

    ``seconds`` are those until it expires, ``lifetime`` all that it was given. ``renewal`` is ``ok``, ``failed``
    (``reason`` says why) or ``never``, where something only stands in for it; None where ``outcome`` names no file, as
    somebody else renews it. OSError or ValueError where there is no certificate.
    """
    begins, ends = validity(Path(path).read_text(errors="replace"))
    return {"path": path, "seconds": ends - int(now), "lifetime": ends - begins, **_renewal(outcome)}


def _renewal(outcome: str) -> dict[str, Any]:
    if not outcome:
        return {"renewal": None, "reason": ""}
    try:
        known = json.loads(Path(outcome).read_text())
    except FileNotFoundError:
        known = {}
    if not known.get("deployed"):
        return {"renewal": "never", "reason": known.get("reason", "")}
    return {"renewal": "ok" if known.get("ok") else "failed", "reason": known.get("reason", "")}


def validity(pem: str) -> tuple[int, int]:
    """Return when the first certificate of a PEM text begins and ends, in seconds since 1970.

    ValueError for anything else.

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
        begins, ends = (
            calendar.timegm(time.strptime(_four_digits(tag, text.decode("ascii")), "%Y%m%d%H%M%SZ"))
            for tag, text in _elements(fields[3])
        )
        return begins, ends
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

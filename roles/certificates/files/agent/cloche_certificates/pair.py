"""Certificates and keys as files: what one says, and the one that stands in until an authority has issued the first."""

from __future__ import annotations

import datetime
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .places import FULL_CHAIN, KEY

#: Long enough to find out why none is issued; nobody trusts it anyway.
STAND_IN_DAYS = 30


@dataclass(frozen=True)
class Certificate:
    """Names, end (seconds since 1970), what it was given to live (seconds), the SHA-256 of the file it came from."""

    names: frozenset[str]
    ends: float
    lifetime: float
    fingerprint: str


def read(path: Path) -> Certificate | None:
    """Return what the first certificate of a PEM file says, None where there is none."""
    try:
        content = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(content)
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return None
    names = frozenset(name.lower() for name in extension.value.get_values_for_type(x509.DNSName))
    # Without the zone, which Debian 12's library does not know, the time is UTC as well.
    begins, ends = (
        (getattr(certificate, f"{name}_utc", None) or getattr(certificate, name)).replace(tzinfo=datetime.UTC)
        for name in ("not_valid_before", "not_valid_after")
    )
    lifetime = (ends - begins).total_seconds()
    return Certificate(names, ends.timestamp(), lifetime, hashlib.sha256(content).hexdigest())


def make_stand_in(directory: Path, domains: list[str]) -> None:
    """Write a self-signed pair for the names, the key for root alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in until a certificate is issued")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=STAND_IN_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain) for domain in domains]), critical=False)
        .sign(key, hashes.SHA256())
    )
    directory.mkdir(parents=True, exist_ok=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / KEY).unlink(missing_ok=True)
    with os.fdopen(os.open(directory / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    (directory / FULL_CHAIN).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

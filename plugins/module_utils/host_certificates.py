"""An environment's own authority and the certificates of its hosts, on the controller. Shows no key."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CURVE = ec.SECP256R1()
#: The number of points on the curve: a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_UTC = datetime.UTC
_BEGINS, _ENDS = datetime.datetime(2025, 1, 1, tzinfo=_UTC), datetime.datetime(2049, 12, 31, tzinfo=_UTC)
#: A clock that is a little behind must not find a new certificate not valid yet.
_BEFORE = datetime.timedelta(hours=1)


def authority_key(secret: str) -> str:
    """Return the private key (PEM) of the authority that goes with a secret, always the same one."""
    number = int.from_bytes(hashlib.sha512(secret.encode()).digest(), "big") % (_ORDER - 1) + 1
    return _pem(ec.derive_private_key(number, _CURVE))


def authority_certificate(key: str) -> str:
    """Return the authority's own certificate (PEM), to the byte the same for the same key."""
    private = _private(key)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cloche between hosts")])
    public = private.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    builder = x509.CertificateBuilder(name, name, public, int.from_bytes(identifier.digest[:16], "big"))
    builder = builder.not_valid_before(_BEGINS).not_valid_after(_ENDS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True).add_extension(identifier, critical=False)
    return _text(builder.sign(private, hashes.SHA256(), ecdsa_deterministic=True))


def signed(request: str, key: str, names: list[str], addresses: list[str], days: int) -> str:
    """Return a host's certificate (PEM) for the key of a request (PEM); of the request nothing else counts.

    It is good for servers and for clients, from now on for ``days``.
    """
    private, now = _private(key), datetime.datetime.now(_UTC)
    public = x509.load_pem_x509_csr(request.encode()).public_key()
    authority = x509.load_pem_x509_certificate(authority_certificate(key).encode())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    builder = x509.CertificateBuilder(authority.subject, subject, public, x509.random_serial_number())
    builder = builder.not_valid_before(now - _BEFORE).not_valid_after(now + datetime.timedelta(days=days))
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs=False), True),
        (uses, False),
        (x509.SubjectAlternativeName(_names(names, addresses)), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    ):
        builder = builder.add_extension(extension, critical)
    return _text(builder.sign(private, hashes.SHA256()))


def lacking(certificate: str, key: str, names: list[str], addresses: list[str], now: datetime.datetime) -> str:
    """Return why a host's certificate has to be replaced, "" where it will do; ``now`` carries its zone."""
    try:
        found = x509.load_pem_x509_certificate(certificate.encode())
        own = list(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except (ValueError, x509.ExtensionNotFound):
        return "there is none"
    try:
        found.verify_directly_issued_by(x509.load_pem_x509_certificate(authority_certificate(key).encode()))
    except (ValueError, TypeError, InvalidSignature):
        return "another authority signed it"
    if set(own) != set(_names(names, addresses)):
        return "it is for other names"
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    return "" if ends - now > (ends - begins) / 3 else "it is in the last third of its life"


def _names(names: list[str], addresses: list[str]) -> list[x509.GeneralName]:
    known = [x509.DNSName(name) for name in names]
    return known + [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]


def _usage(*, signs: bool) -> x509.KeyUsage:
    never = dict.fromkeys(("content_commitment", "data_encipherment", "key_encipherment", "key_agreement"), False)
    never |= {"encipher_only": False, "decipher_only": False}
    return x509.KeyUsage(digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, **never)


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    private = serialization.load_pem_private_key(key.encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private


def _pem(private: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()

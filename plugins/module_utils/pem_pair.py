"""Whether a certificate and its key, as PEM text, will do for some names. Shows neither of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import serialization

Fault = tuple[str, str, str]
_LINE = "paste it whole, from its BEGIN to its END line"


def pair_faults(certificate: str, key: str, names: list[str], now: datetime.datetime) -> list[Fault]:
    """Return what is wrong as (``certificate`` or ``key``, value to be shown, remedy); ``now`` carries its zone.

    The first certificate of the text counts, which is the server's. ``names`` may begin with ``*.``.
    """
    try:
        served = x509.load_pem_x509_certificates(certificate.encode())[0]
    except ValueError:
        return [("certificate", _length(certificate), f"no PEM certificate; {_LINE}")]
    return [*_times(served, now), *_names(served, names), *_key(served, key)]


def _length(text: str) -> str:
    return f"({len(text)} characters)"


def _times(served: x509.Certificate, now: datetime.datetime) -> Iterator[Fault]:
    begins, ends = served.not_valid_before_utc, served.not_valid_after_utc
    if ends < now:
        yield "certificate", f"{ends:%Y-%m-%d}", "the day on which it expired: have it renewed"
    elif begins > now:
        yield "certificate", f"{begins:%Y-%m-%d}", "the day from which it is valid: look at the clock here, or wait"


def _names(served: x509.Certificate, names: list[str]) -> Iterator[Fault]:
    try:
        extension = served.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        has = {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}
    except x509.ExtensionNotFound:
        has = set()
    known = ", ".join(sorted(has)) or "nobody"
    for name in names:
        if not {name.lower(), f"*.{name.lower().partition('.')[2]}"} & has:
            yield (
                "certificate",
                name,
                f"it is for {known}: have one made that names this domain, or take the domain out",
            )


def _key(served: x509.Certificate, key: str) -> Iterator[Fault]:
    try:
        private = serialization.load_pem_private_key(key.encode(), password=None)
    except TypeError:
        yield "key", _length(key), "it wants a passphrase, which nobody types when nginx starts: remove that"
    except (ValueError, UnicodeEncodeError):
        yield "key", _length(key), f"no PEM private key; {_LINE}"
    else:
        if private.public_key() != served.public_key():
            yield "key", _length(key), "not the key of this certificate; give the pair that belongs together"

"""Passwords against PostgreSQL's stored verifiers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata

_VERIFIER = re.compile(r"SCRAM-SHA-256\$(?P<rounds>\d+):(?P<salt>[^$]+)\$(?P<stored>[^:]+):(?P<server>.+)")


def scram_verified(password: str, verifier: str) -> bool:
    """Tell whether a verifier (``pg_authid.rolpassword``) was made from a password (RFC 5802).

    False for anything that is no SCRAM-SHA-256 verifier. Of SASLprep only the normalisation is done: a password for
    which that is not enough counts as different, which costs the caller a look but never an error.
    """
    match = _VERIFIER.fullmatch(verifier)
    if not match:
        return False
    normal = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", normal, base64.b64decode(match["salt"]), int(match["rounds"]))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(base64.b64encode(hashlib.sha256(client).digest()).decode(), match["stored"])


class TestModule:
    """Offer ``scram_verified`` to conditions: ``password is scram_verified(verifier)``."""

    def tests(self) -> dict:
        return {"scram_verified": scram_verified}

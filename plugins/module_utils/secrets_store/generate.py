"""Strong secrets."""

from __future__ import annotations

import secrets
import string

#: Nothing that means something to a shell, a URL, a configuration file or a list separated by commas.
ALPHABET = string.ascii_letters + string.digits
#: Characters; each is worth 5.9 bits. Django asks for at least 50 in its key.
LENGTHS = {"database": 32, "broker": 32, "redis": 32, "django": 64, "operator": 24, "cluster": 40}


def generated(kind: str) -> str:
    """Return a new secret of a kind."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTHS[kind]))

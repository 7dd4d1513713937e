"""RabbitMQ definitions as plain data: what is wanted, what exists, and what has to be imported.

A *definitions document* is what ``GET /api/definitions`` returns: a dict of lists of dicts, a list per kind of object.
The wanted document is a subset of it, in which users carry ``password`` instead of ``password_hash``.
Nothing here talks to a broker.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any

Definitions = dict[str, list[dict[str, Any]]]

# The fields that tell two objects of one kind apart.
IDENTITY: dict[str, tuple[str, ...]] = {
    "vhosts": ("name",),
    "users": ("name",),
    "permissions": ("vhost", "user"),
    "policies": ("vhost", "name"),
    "exchanges": ("vhost", "name"),
    "queues": ("vhost", "name"),
    "bindings": ("vhost", "source", "destination_type", "destination", "routing_key", "arguments"),
}
# The broker keeps the old properties of these and says nothing, so an import would never converge.
IMMUTABLE = ("exchanges", "queues")
DEFAULTS: dict[str, dict[str, Any]] = {
    "users": {"tags": []},
    "policies": {"priority": 0},
    "exchanges": {"durable": True, "auto_delete": False, "internal": False, "arguments": {}},
    "queues": {"durable": True, "auto_delete": False, "arguments": {}},
    "bindings": {"destination_type": "queue", "routing_key": "", "arguments": {}},
}
ALGORITHMS = {"rabbit_password_hashing_sha256": hashlib.sha256, "rabbit_password_hashing_sha512": hashlib.sha512}
SALT_BYTES = 4


class DefinitionsError(ValueError):
    """The wanted definitions cannot be met; the message says which object and why."""


@dataclass(frozen=True)
class Difference:
    """One wanted object that is missing (``before`` is None) or differs; no secret in either side."""

    kind: str
    wanted: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any]

    @property
    def label(self) -> str:
        fields = [field for field in IDENTITY[self.kind] if field != "arguments"]
        return f"{self.kind}:" + "/".join(str(self.wanted[field]) for field in fields)


def hash_password(password: str, salt: bytes | None = None) -> str:
    """The broker's salted SHA-256 of a password: base64 of the 4 bytes of salt and the digest."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def password_matches(password: str, user: dict[str, Any]) -> bool:
    """Whether the hash of an exported user is one of this password."""
    algorithm = ALGORITHMS.get(user.get("hashing_algorithm", "rabbit_password_hashing_sha256"))
    try:
        stored = base64.b64decode(user.get("password_hash") or "", validate=True)
    except ValueError:
        return False
    if algorithm is None or len(stored) <= SALT_BYTES:
        return False
    salt, digest = stored[:SALT_BYTES], stored[SALT_BYTES:]
    return hmac.compare_digest(digest, algorithm(salt + password.encode()).digest())


def normalise(wanted: Definitions) -> Definitions:
    """The wanted document with the broker's defaults filled in; DefinitionsError on what it would not understand."""
    document: Definitions = {}
    for kind, entries in wanted.items():
        if kind not in IDENTITY:
            raise DefinitionsError(f"unknown kind of object '{kind}'; known are {', '.join(IDENTITY)}")
        document[kind] = [{**DEFAULTS.get(kind, {}), **entry} for entry in entries or []]
        for entry in document[kind]:
            missing = [field for field in IDENTITY[kind] if field not in entry]
            if kind == "users" and not entry.get("password"):
                missing.append("password")
            if missing:
                raise DefinitionsError(f"an entry of '{kind}' lacks {', '.join(missing)}")
    return document


def compare(wanted: Definitions, existing: Definitions) -> list[Difference]:
    """What has to be imported so that every wanted object exists as wanted; both documents as the API gives them.

    Keys that are not mentioned in the wanted object are left to the broker. Raises DefinitionsError where an existing
    exchange or queue would have to be deleted first.
    """
    differences = []
    for kind, entries in normalise(wanted).items():
        found = {_identity(kind, entry): entry for entry in existing.get(kind, [])}
        for entry in entries:
            difference = _compare_one(kind, entry, found.get(_identity(kind, entry)))
            if difference is None:
                continue
            if difference.before is not None and kind in IMMUTABLE:
                raise DefinitionsError(
                    f"{difference.label} exists as {difference.before}, wanted is {difference.after}: "
                    "the broker cannot change it; empty and delete it, then run again"
                )
            differences.append(difference)
    return differences


def unknown_permissions(wanted: Definitions, existing: Definitions) -> list[str]:
    """Labels of permissions that somebody else has on the wanted document's virtual hosts: put there by hand."""
    vhosts = {entry["name"] for entry in wanted.get("vhosts", [])}
    known = {_identity("permissions", entry) for entry in wanted.get("permissions", [])}
    return [
        f"permissions:{entry['vhost']}/{entry['user']}"
        for entry in existing.get("permissions", [])
        if entry["vhost"] in vhosts and _identity("permissions", entry) not in known
    ]


def importable(differences: list[Difference]) -> Definitions:
    """The document to import: only what differs, with freshly salted hashes in the place of passwords."""
    document: Definitions = {}
    for difference in differences:
        document.setdefault(difference.kind, []).append(_with_hash(difference.wanted))
    return document


def bootstrap(wanted: Definitions, existing: Definitions) -> Definitions:
    """The whole wanted document for ``load_definitions``; the hash of an existing user stays while it matches."""
    users = {user.get("name"): user for user in existing.get("users", [])}
    return {
        kind: [_with_hash(entry, users.get(entry.get("name"))) for entry in entries]
        for kind, entries in normalise(wanted).items()
    }


def _identity(kind: str, entry: dict[str, Any]) -> tuple[str, ...]:
    filled = {**DEFAULTS.get(kind, {}), **entry}
    return tuple(repr(filled.get(field)) for field in IDENTITY[kind])


def _compare_one(kind: str, wanted: dict[str, Any], existing: dict[str, Any] | None) -> Difference | None:
    plain = {key: value for key, value in wanted.items() if key != "password"}
    if existing is None:
        return Difference(kind, wanted, None, plain)
    before = {key: _tags(existing.get(key)) if key == "tags" else existing.get(key) for key in plain}
    after = {key: _tags(value) if key == "tags" else value for key, value in plain.items()}
    if "password" in wanted and not password_matches(wanted["password"], existing):
        before["password"], after["password"] = "another", "the wanted one"
    return None if before == after else Difference(kind, wanted, before, after)


def _tags(value: Any) -> list[str]:
    """Tags in a comparable form; brokers before 3.9 export a comma-separated string."""
    return sorted(value.replace(",", " ").split() if isinstance(value, str) else value or [])


def _with_hash(entry: dict[str, Any], known: dict[str, Any] | None = None) -> dict[str, Any]:
    if "password" not in entry:
        return entry
    plain = {key: value for key, value in entry.items() if key != "password"}
    keep = known is not None and password_matches(entry["password"], known)
    hashed = known["password_hash"] if keep else hash_password(entry["password"])
    return {**plain, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256"}

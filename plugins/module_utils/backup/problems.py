"""What is wrong with how backups are described, in words with the remedy."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, datetime
from typing import Any

#: Of each kind of target, the keys that it needs and those that it may have.
KINDS: dict[str, tuple[set[str], set[str]]] = {
    "none": (set(), set()),
    "local": ({"path"}, set()),
    "sftp": ({"path", "host", "user", "key", "host_keys"}, {"port"}),
    "s3": ({"path", "endpoint", "region", "bucket", "key", "secret"}, {"path_style", "verify_tls"}),
}
#: It stands in a configuration file and in an environment: what either would take for its own is left out.
PASSPHRASE = re.compile(r"[A-Za-z0-9+/=_.-]{20,}")


def found(
    target: dict[str, Any], passphrase: str, retention_days: int, debian: str, database: bool, several: bool = False
) -> list[str]:
    """Return what is wrong; ``debian`` is the major version of the host, ``database`` whether it has one.

    ``several``: it is one of several servers, of which another may lead tomorrow.

    No value of a secret is repeated.
    """
    kind = target.get("kind")
    if kind not in KINDS:
        return [f"backup_target.kind is '{kind}': say one of {', '.join(KINDS)}."]
    if kind == "none":
        return []
    needed, possible = KINDS[kind]
    given = set(target) - {"kind"}
    said = [
        f"backup_target lacks {name}, which a target of the kind {kind} needs."
        for name in sorted(needed)
        if target.get(name) in (None, "", [])
    ]
    for name in sorted(given - needed - possible):
        near = difflib.get_close_matches(name, needed | possible, 1)
        hint = f"; did you mean {near[0]}?" if near else "."
        said.append(f"backup_target.{name}: unknown for the kind {kind}{hint}")
    if target.get("path") and not re.fullmatch(r"(/[A-Za-z0-9_.-]+)+", str(target["path"])):
        said.append(f"backup_target.path is '{target['path']}': give an absolute path of A-Z, a-z, 0-9, _, . and -.")
    if not PASSPHRASE.fullmatch(passphrase or ""):
        said.append(
            "backup_passphrase has to be 20 or more of A-Z, a-z, 0-9 and + / = _ . -: generate one with "
            "`openssl rand -base64 32`, put it into the vault, and keep a copy where a lost host cannot take it along."
        )
    if int(retention_days) < 1:
        said.append(f"backup_retention_days is {retention_days}: keep at least 1 day.")
    if kind == "local" and several:
        said.append(
            "backup_target.kind is local, and PostgreSQL has several hosts: one leads after the other, and all have to"
            " reach the same place; use sftp or s3."
        )
    if kind == "sftp" and database and debian == "12":
        said.append(
            "backup_target.kind is sftp, which pgBackRest of Debian 12 does not know: use s3, a local folder that is "
            "another machine's, or Debian 13."
        )
    return said


def is_moment(text: str) -> bool:
    """Return whether a text is ``latest`` or a moment that is over, such as ``2026-11-30 12:00:00``, in UTC."""
    if text == "latest":
        return True
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        return False
    return (given if given.tzinfo else given.replace(tzinfo=UTC)) < datetime.now(UTC)

"""The exchange of one secret for another: what is written at each step, and what is accepted then.

``vault_rotations`` holds an entry for each secret that is being exchanged, or has been in a way that is still seen::

    {"phase": "begun", "since": "2026-02-03T10:15:00+00:00", "old": "...", "new": "...", "account": "a",
     "fallbacks": [{"key": "...", "since": "..."}]}

``account`` is which of two users the *old* secret belongs to (database, broker); without a phase, the present one.

==========  ==========  ============  ==========================================================
phase       in use      accepted      next
==========  ==========  ============  ==========================================================
(none)      the value   the value     ``begin``
begun       old         old and new   ``promote``: the programs are about to take the new one
promoted    new         new and old   ``withdraw``; ``demote`` where the programs would not take it
withdrawn   new         new           ``finish``, once the old one was seen to be refused
==========  ==========  ============  ==========================================================

Each step may be repeated: it returns None where there is nothing left to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

ROTATIONS = "vault_rotations"
#: Services in which an account has one password: two accounts take turns.
TWO_ACCOUNTS = ("database", "broker")
_OTHER = {"a": "b", "b": "a"}
_PHASES = ("begun", "promoted", "withdrawn")


def begin(entry: dict[str, Any], value: str, new: str, now: datetime) -> dict[str, Any] | None:
    """Return the entry of an exchange that begins: ``new`` is accepted beside ``value``."""
    if entry.get("phase"):
        return None
    return entry | {"phase": "begun", "since": now.isoformat(timespec="seconds"), "old": value, "new": new}


def promote(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return the entry once programs are to take the new secret."""
    return entry | {"phase": "promoted"} if entry.get("phase") == "begun" else None


def demote(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return the entry once programs are to use the old secret again."""
    return entry | {"phase": "begun"} if entry.get("phase") == "promoted" else None


def withdraw(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return the entry once services are to refuse the old secret."""
    return entry | {"phase": "withdrawn"} if entry.get("phase") == "promoted" else None


def finish(kind: str, entry: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return what is left of the entry at the end: {} for nothing, None where it is not time for it."""
    if entry.get("phase") != "withdrawn":
        return None
    if kind == "django":
        # Of those before none is kept: a leaked key is gone with the second exchange at the latest.
        return {"fallbacks": [{"key": entry["old"], "since": now.isoformat(timespec="seconds")}]}
    if kind in TWO_ACCOUNTS and entry.get("account", "a") == "a":
        return {"account": "b"}
    return {}


def current(entry: dict[str, Any], value: Any) -> Any:
    """Return the secret in use; ``value`` is what the store holds under its name."""
    return {"begun": entry.get("old"), "promoted": entry.get("new"), "withdrawn": entry.get("new")}.get(
        entry.get("phase", ""), value
    )


def accepted(entry: dict[str, Any], value: Any) -> list[Any]:
    """Return the secrets that a service takes, the one in use first."""
    used = current(entry, value)
    other = {"begun": entry.get("new"), "promoted": entry.get("old")}.get(entry.get("phase", ""))
    return [used] if other is None else [used, other]


def accounts(entry: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return ``{"used": account, "a": secret, "b": secret}``; one that may not sign in has the secret "".

    For a service with one account for each secret.
    """
    old = entry.get("account", "a")
    phase = entry.get("phase")
    if phase not in _PHASES:
        return {"used": old, old: value, _OTHER[old]: ""}
    new = _OTHER[old]
    return {
        "used": old if phase == "begun" else new,
        old: "" if phase == "withdrawn" else entry["old"],
        new: entry["new"],
    }


def fallbacks(entry: dict[str, Any], days: float, now: datetime) -> list[str]:
    """Return the keys that still open what they signed, the newest first; those of finished exchanges for ``days``."""
    during = {"begun": "new", "promoted": "old", "withdrawn": "old"}.get(entry.get("phase", ""))
    before = [
        kept["key"]
        for kept in entry.get("fallbacks", [])
        if during in (None, "new") and now - datetime.fromisoformat(kept["since"]) < timedelta(days=days)
    ]
    return ([entry[during]] if during else []) + before

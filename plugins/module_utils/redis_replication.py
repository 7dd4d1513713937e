"""Which of several Redis instances leads, and who has to be told: decided from what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class Undecided(Exception):
    """No instance leads, and which one should is not certain; the message says what was seen."""


@dataclass(frozen=True)
class Seen:
    """One instance: ``leader`` is whom it follows, "" where it is a master; ``keys`` how many it holds."""

    address: str
    leader: str
    followers: int
    keys: int


def seen(address: str, replication: str, keyspace: str) -> Seen:
    """Return what the sections of INFO say of an instance."""
    told = dict(line.split(":", 1) for line in (replication + "\n" + keyspace).splitlines() if ":" in line)
    follows = told.get("role") == "slave"
    leader = told["master_host"] if follows else ""
    return Seen(address, leader, 0 if follows else int(told.get("connected_slaves", 0)), _keys(told))


def _keys(told: dict[str, str]) -> int:
    databases = [value for name, value in told.items() if name.startswith("db") and value.startswith("keys=")]
    return sum(int(value.split(",")[0].removeprefix("keys=")) for value in databases)


def leader_of(members: list[Seen]) -> str:
    """Return the address of the one that leads, or that shall.

    Who is followed leads, whatever was the plan: that is Sentinel's to decide. Where nobody follows anybody it is the
    one with data; where none has any, the first. Raises Undecided where several have data: the wrong choice would empty
    the others.
    """
    followed = max((member for member in members if not member.leader), key=lambda one: one.followers, default=None)
    if followed and followed.followers:
        return followed.address
    masters = [member for member in members if not member.leader]
    if len(masters) < len(members):
        raise Undecided(f"none of {_told(members)} leads; Sentinel has to choose one")
    with_data = [member for member in masters if member.keys]
    if len(with_data) > 1:
        raise Undecided(f"{_told(with_data)} have data and none follows another")
    return (with_data or masters)[0].address


def astray(members: list[Seen], leader: str) -> list[str]:
    """Return the addresses of those that have to be told to follow the leader."""
    return [member.address for member in members if member.address != leader and member.leader != leader]


def _told(members: Iterable[Seen]) -> str:
    return ", ".join(f"{member.address} ({member.keys} keys)" for member in members)


def watched(answer: list[list[str]]) -> dict[str, dict[str, str]]:
    """Return name to settings of the masters that a Sentinel watches, from its answer to SENTINEL MASTERS."""
    entries = [dict(zip(flat[::2], flat[1::2], strict=True)) for flat in answer]
    return {entry["name"]: entry for entry in entries}


def differing(wanted: dict[str, Any], entry: dict[str, str]) -> dict[str, str]:
    """Return the settings of a watched master that are others than wanted."""
    return {name: str(value) for name, value in wanted.items() if entry.get(name) != str(value)}

"""A step of a rotation, applied to the secrets of a store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from . import rotation
from .errors import SecretsError
from .generate import generated
from .rotation import ROTATIONS
from .targets import Target

STEPS = ("begun", "promoted", "demoted", "withdrawn", "finished")


def step(store: Any, targets: list[Target], name: str, dry: bool = False) -> list[str]:
    """Take the targets to a step, in one write; return the keys of those that it changed something of.

    ``dry`` writes nothing. Raises SecretsError for a secret that has no value yet, or cannot be exchanged.
    """
    entries = dict(store.read(ROTATIONS) or {})
    changes, moved = {}, []
    for target in targets:
        entry = entries.get(target.key, {})
        after = _after(store, target, entry, name)
        if after is None:
            continue
        moved.append(target.key)
        entries[target.key] = after
        if name in ("promoted", "demoted"):
            # Also for whoever reads the variable itself.
            changes[target.variable] = rotation.current(after, None)
    if moved and not dry:
        store.write(changes | {ROTATIONS: {key: entry for key, entry in entries.items() if entry} or None})
    return moved


def _after(store: Any, target: Target, entry: dict[str, Any], name: str) -> dict[str, Any] | None:
    now = datetime.now(UTC)
    if name == "begun":
        return None if entry.get("phase") else _begun(store, target, entry, now)
    if name == "finished":
        return rotation.finish(target.kind, entry, now)
    return {"promoted": rotation.promote, "demoted": rotation.demote, "withdrawn": rotation.withdraw}[name](entry)


def _begun(store: Any, target: Target, entry: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    value = store.read(target.variable)
    if not isinstance(value, str) or not value:
        raise SecretsError(f"{target.variable} has no value in {store.place}: make secrets makes one")
    if target.kind == "django" and (value != value.strip() or "," in value):
        raise SecretsError(
            f"{target.variable} has a comma, or a space at an end, and SECRET_KEY_FALLBACKS is a list with commas: "
            "write another one there and deploy; sessions end with it"
        )
    return rotation.begin(entry, value, generated(target.kind), now)


def phases(store: Any, targets: list[Target]) -> dict[str, str]:
    """Return how far the exchange of each target is, by key; "" where none is under way."""
    entries = store.read(ROTATIONS) or {}
    return {target.key: entries.get(target.key, {}).get("phase", "") for target in targets}

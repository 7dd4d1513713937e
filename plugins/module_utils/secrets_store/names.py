"""Which secrets an environment needs, and which of them can be made for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .generate import generated
from .rotation import ROTATIONS
from .targets import CLUSTER, OPERATOR, alias

_USED = re.compile(r"\bvault_[a-z0-9_]+\b")
#: What stands in front of the `#` of a comment is read.
_COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)


def used_in(texts: Iterable[str]) -> set[str]:
    """Return the names of the vault that YAML texts refer to."""
    return {name for text in texts for name in _USED.findall(_COMMENT.sub("", text))} - {ROTATIONS}


def makeable(applications: dict[str, dict[str, Any]], operator: Any, cluster: Any = None) -> dict[str, str]:
    """Return which names stand for a secret that anybody may invent, with its kind; arguments are as written."""
    found = {alias(operator): OPERATOR, alias(cluster): CLUSTER}
    for app in applications.values():
        found |= {alias(value): kind for kind, value in (app.get("app_secrets") or {}).items()}
    return {name: kind for name, kind in found.items() if name}


def complete(store: Any, kinds: dict[str, str], dry: bool = False) -> list[str]:
    """Give every name of ``kinds`` (name to kind) that has no value a new secret; return the names."""
    missing = sorted(set(kinds) - set(store.names()))
    if missing and not dry:
        store.write({name: generated(kinds[name]) for name in missing})
    return missing


def told(present: Iterable[str], used: set[str], made: list[str], rotations: dict[str, Any]) -> list[str]:
    """Return a line for each name: how it is, and what to do about it. No value is in it."""
    there, states = set(present) - {ROTATIONS}, {}
    for name in sorted(there | used | set(made)):
        if name in made:
            states[name] = "made now"
        elif name not in there:
            states[name] = "missing, and nobody can make it up: write it there"
        else:
            states[name] = "there" if name in used else "there, and nothing uses it"
    width = max(map(len, states), default=0)
    lines = [f"{name:{width}}  {state}" for name, state in states.items()]
    under_way = [(key, entry) for key, entry in sorted(rotations.items()) if entry.get("phase")]
    return lines + [f"{key}: being exchanged, {entry['phase']} since {entry['since']}" for key, entry in under_way]

"""What `make drift` says of a task that would change something: its name, what it is about, the difference in short."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

#: Lines of one difference, and characters of one line, that are shown.
LINES, WIDTH = 12, 160
#: Arguments and results that name what a task is about.
_ABOUT = ("path", "dest", "name", "unit")


def difference_lines(result: dict[str, Any], named: Iterable[str] = ()) -> list[str]:
    """Return the lines that tell what a task's ``result`` would change; ``named``: what its arguments name.

    A result without a word is of a task that keeps secrets; then only what its arguments name is told.
    """
    if "censored" in result:
        return [*(f"{name}" for name in named), "what it has to be is a secret, so neither side is shown"]
    lines: list[str] = []
    diffs = result.get("diff") or []
    for diff in [diffs] if isinstance(diffs, dict) else diffs:
        lines += _one(diff)
    if not lines:
        for key in _WORDS:
            lines += [f"{_WORDS[key]}: {label}" for label in result.get(key) or []]
    if not lines:
        about = [str(result[key]) for key in _ABOUT if isinstance(result.get(key), str)] or list(named)
        if result.get("state"):
            lines = [": ".join([*about[:1], f"should be {result['state']}"])]
        else:
            lines = str(result.get("msg") or "differs").splitlines()
    return [line[:WIDTH] for line in lines]


_WORDS = {"imported": "missing or different", "deleted": "should not be there"}


def _one(diff: dict[str, Any]) -> list[str]:
    if "prepared" in diff:
        return diff["prepared"].strip().splitlines()[:LINES]
    before, after = (_text(diff.get(side, "")) for side in ("before", "after"))
    if before == after:
        return []
    head = str(diff.get("before_header") or diff.get("after_header") or _path(diff)).split(" (")[0]
    changes = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    changes = [line for line in changes if not line.startswith("@@")]
    words = f"{head}: not there" if not before else f"{head}: should not be there" if not after else head
    lines = [words] if words else []
    if before and after:
        lines += [f"  {line}" for line in changes[:LINES]]
        lines += [f"  … and {len(changes) - LINES} lines more"] if len(changes) > LINES else []
    return lines


def _path(diff: dict[str, Any]) -> str:
    """Return the path that the attributes of a file are those of."""
    sides = (diff.get(side) for side in ("before", "after"))
    return next((side["path"] for side in sides if isinstance(side, dict) and "path" in side), "")


def _text(side: Any) -> str:
    """Return a side as lines; modules give a text, or attributes."""
    if isinstance(side, dict):
        return "".join(f"{key}: {value}\n" for key, value in sorted(side.items()) if key != "path")
    return str(side)


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a text without any of the secrets, also where a line of one stands alone."""
    parts = {part for secret in secrets for part in (secret, *secret.splitlines()) if len(part) >= 8}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "********")
    return text

"""Under which markers a lock's packages are needed, where the lock tells only who needs whom."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

#: Markers that all hold; a package is needed where any of its conditions does.
Condition = frozenset[str]


def conditions(
    roots: Iterable[tuple[Hashable, str]], needs: dict[Hashable, list[tuple[Hashable, str]]]
) -> dict[Hashable, str]:
    """Return the marker of each node that is reached from the roots; empty where it always is.

    ``roots`` and the values of ``needs`` are pairs of a node and the marker, perhaps empty, under which it is needed.
    """
    found: dict[Hashable, set[Condition]] = {}
    pending = [(node, frozenset({marker} - {""})) for node, marker in roots]
    while pending:
        node, condition = pending.pop()
        known = found.setdefault(node, set())
        # What is needed anyway is not needed once more under a narrower condition; this also ends circles.
        if any(other <= condition for other in known):
            continue
        found[node] = {other for other in known if not condition <= other} | {condition}
        pending += [(other, condition | ({marker} - {""})) for other, marker in needs.get(node, [])]
    return {node: _marker(alternatives) for node, alternatives in found.items()}


def _marker(alternatives: set[Condition]) -> str:
    if frozenset() in alternatives:
        return ""
    joined = [" and ".join(f"({marker})" for marker in sorted(condition)) for condition in alternatives]
    return " or ".join(f"({words})" if len(joined) > 1 else words for words in sorted(joined))

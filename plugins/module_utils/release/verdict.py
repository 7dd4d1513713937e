"""What a release would do to the one that runs, judged from what its agent found."""

from __future__ import annotations

import json

from ansible.module_utils.release.layout import Layout


def removed_tasks(layout: Layout, live: str, tasks: list[str]) -> list[str]:
    """Return the tasks that the live release knows and ``tasks`` lacks; none where the live one never told its own."""
    return sorted(_known(layout, live, tasks) - set(tasks))


def new_tasks(layout: Layout, live: str, tasks: list[str]) -> list[str]:
    """Return those of ``tasks`` that the live release does not know: the dead letters may hold some of them."""
    return sorted(set(tasks) - _known(layout, live, tasks))


def _known(layout: Layout, live: str, tasks: list[str]) -> set[str]:
    try:
        return set(json.loads(layout.tasks(live).read_text()))
    except FileNotFoundError:
        return set(tasks)


def is_settled(layout: Layout, live: str, found: dict) -> bool:
    """Tell whether database and broker are as a release needs them already; ``found`` is the agent's check."""
    try:
        before = json.loads(layout.topology(live).read_text())
    except FileNotFoundError:
        return False
    return not found["migrations"] and before == found.get("topology")


def refusals(found: dict, allowed: list[str]) -> list[str]:
    """Return why a release must not follow the live one, each with the way to insist; ``found`` is the agent's check.

    ``allowed`` holds what the operator insists on: unsafe_migrations, removed_tasks, schema_ahead.
    """
    unsafe = [f"{entry['name']} {why}" for entry in found["migrations"] for why in entry["unsafe"]]
    reasons = {
        "unsafe_migrations": (unsafe, "the running code would not survive: ", "release it in two steps"),
        "removed_tasks": (found["removed_tasks"], "messages may be queued for tasks that are gone: ", "keep them"),
        "schema_ahead": (found["ahead"], "the database has migrations that this code does not know: ", "undo them"),
    }
    return [
        f"{opening}{', '.join(what)}; {remedy}, or insist with -e release_allow={name}"
        for name, (what, opening, remedy) in reasons.items()
        if what and name not in allowed
    ]

"""An application's queues on the broker."""

from __future__ import annotations

from typing import Any

#: Where the kit parks what failed too often, and what no queue wanted.
PARKED = ("dead-letter", "unrouted")
_DELAYED = "celery_delayed_"


def describe(listing: list[dict[str, Any]], wanted: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return ``{application, name, role, ready, unacknowledged, consumers}`` for each queue that matters.

    ``listing`` is the management API's, ``wanted`` the names of each application's queues; its virtual host has its
    name. ``role`` is ``work``, ``parked``, or ``delayed`` for the sum over those that carry countdowns. A figure is
    None where the broker has none yet; all are where the queue is missing, and ``missing`` is true.
    """
    found = []
    for application, names in wanted.items():
        here = {queue["name"]: queue for queue in listing if queue["vhost"] == application}
        found += [_queue(application, name, "work", here.get(name)) for name in names]
        found += [_queue(application, name, "parked", here.get(name)) for name in PARKED]
        delayed = [queue.get("messages_ready") or 0 for name, queue in here.items() if name.startswith(_DELAYED)]
        if sum(delayed):
            total = {"messages_ready": sum(delayed), "messages_unacknowledged": 0, "consumers": 0}
            found.append(_queue(application, "delayed", "delayed", total))
    return found


def _queue(application: str, name: str, role: str, figures: dict[str, Any] | None) -> dict[str, Any]:
    known = figures or {}
    return {
        "application": application,
        "name": name,
        "role": role,
        "missing": figures is None,
        "ready": known.get("messages_ready"),
        "unacknowledged": known.get("messages_unacknowledged"),
        "consumers": known.get("consumers"),
    }

"""Running canvases in tests: on this process's worker, watched through the API as a user would."""

import time
from collections.abc import Iterator
from typing import Any

from django.test import Client

Answer = dict[str, Any]


def start(client: Client, kind: str, **fields: Any) -> str:
    """Start a canvas through the API and return its run's id."""
    response = client.post("/canvas/", {"kind": kind, **fields})
    assert response.status_code == 202, response.text
    return response.json()["task_id"]


def look(client: Client, run: str) -> Answer:
    """Return the run as the API shows it."""
    return client.get(f"/canvas/{run}/").json()


def watch(client: Client, run: str, seconds: float = 20) -> Iterator[Answer]:
    """Yield what the API shows, over and over, until the run has ended."""
    deadline = time.monotonic() + seconds
    while True:
        answer = look(client, run)
        yield answer
        if answer["ended"]:
            return
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)


def ended(client: Client, kind: str, **fields: Any) -> Answer:
    """Run a canvas to its end."""
    *_, answer = watch(client, start(client, kind, **fields))
    return answer


def lines(views: list[Answer], depth: int = 0) -> list[str]:
    """Return the tree as text, ``call status result``, indented by two blanks a level."""
    found = []
    for view in views:
        result = "" if view["result"] is None else f" {view['result']}"
        found.append(f"{'  ' * depth}{view['call']} {view['status']}{result}")
        found += lines(view["children"], depth + 1)
    return found

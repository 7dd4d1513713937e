"""What the workers say about themselves, over the control channel."""

from collections import Counter
from typing import Any

from config.queues import QUEUES
from core.control import broadcast

#: Seconds that workers have to answer the first question.
PATIENCE = 1.0


def workers() -> list[dict[str, Any]]:
    """Return the workers that answer within a second, by name.

    Each is ``{"name", "queues", "concurrency", "running": [{"name", "since"}], "prefetched", "memory_kib", "uptime",
    "unacknowledged": {queue: count}}``. since: seconds since 1970. memory_kib: the most that the main process ever
    took, None where it can't tell. uptime: seconds. unacknowledged: what it runs and has prefetched without having
    acknowledged it; the broker can't tell per queue. Raises NotConfirmed.
    """
    stats = _ask("stats")
    # Who has answered is waited for by name, so the other questions take no longer than the answers.
    names = sorted(stats)
    if not names:
        return []
    active, reserved, served = (_ask(command, names) for command in ("active", "reserved", "active_queues"))
    return [
        _worker(name, stats[name], active.get(name, []), reserved.get(name, []), served.get(name, [])) for name in names
    ]


def _ask(command: str, names: list[str] | None = None) -> dict[str, Any]:
    limit: dict[str, Any] = {"destination": names, "limit": len(names)} if names else {}
    replies = broadcast(command, reply=True, timeout=PATIENCE, **limit) or []
    answers = {name: answer for reply in replies for name, answer in reply.items()}
    # A worker that can't answer sends {"error": …}.
    return {name: answer for name, answer in answers.items() if not (isinstance(answer, dict) and "error" in answer)}


def _worker(name: str, stats: dict[str, Any], active: list, reserved: list, served: list) -> dict[str, Any]:
    usage = stats.get("rusage")
    held = [task for task in (*active, *reserved) if not task.get("acknowledged")]
    return {
        "name": name,
        "queues": sorted(queue["name"] for queue in served),
        "concurrency": (stats.get("pool") or {}).get("max-concurrency"),
        # Names only: arguments may hold what is nobody's business.
        "running": [{"name": task["name"], "since": task.get("time_start")} for task in active],
        "prefetched": len(reserved),
        "memory_kib": usage.get("maxrss") if isinstance(usage, dict) else None,
        "uptime": stats.get("uptime"),
        "unacknowledged": dict(Counter(_queue(task) for task in held)),
    }


def _queue(task: dict[str, Any]) -> str:
    # Where a task was delayed, the queue's name follows the delay's bits: 0.0.….1.mail
    key = str((task.get("delivery_info") or {}).get("routing_key", ""))
    return next((queue for queue in QUEUES if key == queue or key.endswith(f".{queue}")), key)

"""Reading results: the states of many tasks at once, as a browser may see them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from celery import current_app, states
from celery.backends.base import BaseKeyValueStoreBackend
from django_celery_results.backends import DatabaseBackend


@dataclass(frozen=True)
class State:
    """A task's status (celery.states or PROGRESS) and its JSON-safe result, None until there is one."""

    status: str
    result: Any = None


def read_states(task_ids: Iterable[str]) -> dict[str, State]:
    """Return the states that the result backend knows, by task id, in one query or round trip.

    A task that is missing is PENDING. Backends that another process can't read (none, rpc) know nothing.
    """
    ids = list(task_ids)
    backend = current_app.backend
    if not ids:
        return {}
    if isinstance(backend, DatabaseBackend):
        rows = backend.TaskModel.objects.filter(task_id__in=ids)
        metas = [backend.meta_from_decoded(_meta(row, backend)) for row in rows]
    elif isinstance(backend, BaseKeyValueStoreBackend):
        found: Any = backend.mget([backend.get_key_for_task(task_id) for task_id in ids])
        # Redis answers with a list, memcached by key.
        payloads = found.values() if isinstance(found, dict) else found
        metas = [backend.decode_result(payload) for payload in payloads if payload]
    else:
        return {}
    return {m["task_id"]: State(m["status"], shown_result(m["status"], m.get("result"))) for m in metas}


def _meta(row: Any, backend: DatabaseBackend) -> dict[str, Any]:
    return {"task_id": row.task_id, "status": row.status, "result": backend.decode_content(row, row.result)}


def shown_result(status: str, result: Any) -> Any:
    """Return the result JSON-safe: null until there is one, "Type: message" for a failure."""
    if isinstance(result, BaseException):
        return f"{type(result).__name__}: {result}"
    if status in {states.PENDING, states.RECEIVED, states.STARTED}:
        return None  # STARTED keeps process id and host there: nothing for a browser
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError):
        return str(result)
    return result

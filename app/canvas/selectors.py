"""What the pages and the API show."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from canvas import tree
from canvas.kinds import KINDS
from canvas.models import Node, Run
from core.results import State, read_states


def run_tree(run_id: UUID) -> dict[str, Any]:
    """Return the run as ``{task_id, kind, title, created_at, confirmed, status, ended, tasks, tasks_ended, tree}``.

    JSON-safe. ``tree`` as of ``tree.build``; ``tasks`` and ``tasks_ended`` count them. Raises Run.DoesNotExist.
    """
    run = _runs().get(pk=run_id)
    return _shown(run, read_states(_ids([run])))


def latest_runs(count: int) -> list[dict[str, Any]]:
    """Return the newest runs like ``run_tree``, all states with one question to the result backend."""
    runs = list(_runs().order_by("-created_at")[:count])
    known = read_states(_ids(runs))
    return [_shown(run, known) for run in runs]


def _runs() -> Any:
    return Run.objects.prefetch_related(Prefetch("nodes", Node.objects.order_by("position")))


def _ids(runs: list[Run]) -> list[str]:
    return [str(node.pk) for run in runs for node in run.nodes.all() if node.task]


def _shown(run: Run, known: dict[str, State]) -> dict[str, Any]:
    views = tree.build(run.nodes.all(), known)
    statuses = [view["status"] for view in tree.flat(views)]
    ended = sum(status in tree.ENDED for status in statuses)
    return {
        "task_id": str(run.pk),
        "kind": run.kind,
        # A release may have dropped the kind.
        "title": KINDS[run.kind].title if run.kind in KINDS else run.kind,
        "created_at": run.created_at.isoformat(),
        "confirmed": run.confirmed_at is not None,
        "status": tree.combined(statuses),
        "ended": ended == len(statuses),
        "tasks": len(statuses),
        "tasks_ended": ended,
        "tree": views,
    }

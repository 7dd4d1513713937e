"""Starting runs, and what becomes of them."""

from datetime import timedelta

from celery import Signature, current_app
from celery.app.task import Context
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from canvas.models import Node, Role, Run, Saved
from canvas.plan import plan
from core.http import BadInput
from core.publishing import confirmed_tasks
from core.results import read_states

#: A task that a worker began in time has its STARTED in the result backend this much later, also where their
#: clocks differ a little.
EXPIRY_GRACE = timedelta(seconds=15)
_BATCH = 1000


def start(kind: str, signature: Signature) -> Run:
    """Send the canvas and return its run.

    Raises NotConfirmed: then *perhaps* some of its tasks run; BadInput for a chord where no backend keeps results.
    """
    planned = plan(kind, signature, timezone.now())
    if any(node.role == Role.BODY for node in planned.nodes):
        _ensure_chords_allowed()
    with transaction.atomic(durable=True):
        planned.run.save(force_insert=True)
        Node.objects.bulk_create(planned.nodes)
    with confirmed_tasks():
        planned.signature.apply_async()
    planned.run.confirmed_at = timezone.now()
    planned.run.save(update_fields=["confirmed_at"])
    return planned.run


def _ensure_chords_allowed() -> None:
    try:
        current_app.backend.ensure_chords_allowed()
    except NotImplementedError as problem:
        raise BadInput("a chord needs a result backend that keeps its members' results") from problem


def mark_expired(nodes: QuerySet[Node] | None = None) -> int:
    """Have expired tasks that no worker began end REVOKED in the result backend; return how many.

    A worker refuses an expired task and says REVOKED, so this is for the time in which there is none: RabbitMQ takes
    the message out of its queue when it expires, and no worker will ever see it. It goes to the dead-letter queue,
    but that is not read for this: it holds other tasks' messages for an operator to judge, and Redis has none. The
    run knows itself when its tasks expire, whatever the broker; a worker that comes later says the same.
    """
    nodes = Node.objects.all() if nodes is None else nodes
    due = list(nodes.filter(awaits_expiry=True, expires_at__lt=timezone.now() - EXPIRY_GRACE)[:_BATCH])
    known = read_states(str(node.id) for node in due)
    unseen = [node for node in due if str(node.id) not in known]
    for node in unseen:
        # The request is what the extended result is filled from.
        request = Context({"id": str(node.id), "task": node.task, "children": []})
        current_app.backend.mark_as_revoked(str(node.id), "expired", request=request)
    Node.objects.filter(pk__in=[node.pk for node in due]).update(awaits_expiry=False)
    return len(unseen)


def remove_old_runs() -> None:
    """Remove the runs whose results the backend is about to forget: without them each would look like PENDING."""
    oldest = timezone.now() - timedelta(seconds=current_app.conf.result_expires)
    Run.objects.filter(created_at__lt=oldest).delete()
    Saved.objects.filter(saved_at__lt=oldest).delete()

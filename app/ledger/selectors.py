"""What the ledger says."""

from django.db import connection
from django.db.models import Count, Q, QuerySet

from ledger.models import Entry, Run


def with_prefix(prefix: str) -> QuerySet[Entry]:
    """Return the entries whose key begins with the prefix, found by an index."""
    if not prefix:
        return Entry.objects.all()
    if connection.vendor == "postgresql":
        # LIKE with % and _ escaped, served by the pattern index that Django makes for a unique CharField.
        return Entry.objects.filter(key__startswith=prefix)
    # SQLite's LIKE ignores case and the index; its text compares by code point, so a range does.
    return Entry.objects.filter(key__gte=prefix, key__lt=prefix[:-1] + chr(ord(prefix[-1]) + 1))


def summary(prefix: str) -> dict[str, int]:
    """Count the entries with the prefix, in one query over entries and runs.

    accepted: keys answered with 202. completed: of these, with a completed run. lost: accepted - completed,
    which counts those still waiting while the queues drain. pending: of the lost, with a run begun and not
    ended. duplicated: keys with more than one completed run. skipped: keys with a run that found its work done.
    unconfirmed: keys never answered with 202 (*perhaps*).
    """
    accepted = Q(confirmed_at__isnull=False)

    def runs(outcome: Run.Outcome) -> Count:
        return Count("runs", filter=Q(runs__outcome=outcome))

    counts = (
        with_prefix(prefix)
        .annotate(
            done=runs(Run.Outcome.COMPLETED),
            open=runs(Run.Outcome.RUNNING),
            idle=runs(Run.Outcome.SKIPPED),
        )
        .aggregate(
            accepted=Count("pk", filter=accepted),
            completed=Count("pk", filter=accepted & Q(done__gt=0)),
            pending=Count("pk", filter=accepted & Q(done=0, open__gt=0)),
            duplicated=Count("pk", filter=Q(done__gt=1)),
            skipped=Count("pk", filter=Q(idle__gt=0)),
            unconfirmed=Count("pk", filter=~accepted),
        )
    )
    return {**counts, "lost": counts["accepted"] - counts["completed"]}

"""Rows of the feedback feature."""

from typing import Any

from django.utils import timezone

from feedback.models import OutboxEntry, Submission


def make_submission(**fields: Any) -> Submission:
    """Store a submission with its outbox entry, which is due."""
    row = Submission.objects.create(**{"email": "ann@example.com", "message": "Hello <team> & all\n\nBye"} | fields)
    OutboxEntry.objects.create(submission=row, due_at=timezone.now())
    return row

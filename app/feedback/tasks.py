"""Celery tasks: thin; what they do is in delivery and outbox."""

from celery import Task, shared_task

from feedback import delivery


# Above what a mail server may take for all its answers together, below delivery.STUCK.
@shared_task(
    name="feedback.send_feedback_email_task",
    bind=True,
    soft_time_limit=240,
    time_limit=270,
    # The row sets the limit.
    max_retries=None,
)
def send_feedback_email_task(self: Task, submission_id: int) -> str:
    """Send the submission's mail; return the state it is left in.

    Idempotent: it sends at most once per submission, however often it runs; see delivery.deliver for the side on
    which that errs. What the mail server refuses is retried after ten minutes. The row counts the attempts, not
    this task, so two tasks for one submission share the limit.
    """
    try:
        return delivery.deliver(submission_id)
    except delivery.Refused as refusal:
        raise self.retry(exc=refusal, countdown=delivery.RETRY_DELAY.total_seconds()) from refusal


@shared_task(name="feedback.sweep_outbox", soft_time_limit=45, time_limit=60)
def sweep_outbox() -> dict[str, int]:
    """Publish what the outbox holds and is due. Idempotent: of two at once, each entry is published by one."""
    # Here, for the outbox publishes the task above.
    from feedback import outbox

    return outbox.sweep()

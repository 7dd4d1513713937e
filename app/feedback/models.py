"""Submissions (what visitors wrote) and outbox entries (mails that are still to be sent)."""

from django.db import models


class Submission(models.Model):
    """A visitor's message. Its state is the lock that lets at most one task send it."""

    class State(models.TextChoices):
        """WAITING → SENDING → SENT; back to WAITING after a refusal, FAILED after the last one.

        UNCERTAIN: the mail server may have accepted the mail, or not; only a person decides to send it again.
        """

        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCERTAIN = "uncertain"

    email = models.EmailField("e-mail")
    message = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="refused by the mail server so often")
    last_error = models.CharField(max_length=300, blank=True)
    # When a task took it to send it.
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk} from {self.email}"


class OutboxEntry(models.Model):
    """A submission whose mail is not settled; it is written and removed in one transaction with the state."""

    submission = models.OneToOneField(
        Submission, on_delete=models.CASCADE, primary_key=True, related_name="outbox_entry"
    )
    # From then on the sweeper publishes its task (again).
    due_at = models.DateTimeField(db_index=True)
    # When the broker last confirmed its task; null where it never did.
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "outbox entries"

    def __str__(self) -> str:
        return f"submission {self.submission_id}"

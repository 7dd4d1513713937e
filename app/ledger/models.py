"""Entries (what a client asked for) and runs (what workers did)."""

from django.db import models


class Entry(models.Model):
    """A numbered task under a key of the client's choice; the number is the primary key."""

    key = models.CharField(max_length=100, unique=True)
    seconds = models.FloatField(default=0, help_text="how long its task works")
    queue = models.CharField(max_length=50)
    created_at = models.DateTimeField(auto_now_add=True)
    # Set together, when the broker confirmed a publication: from then on the entry is accepted.
    confirmed_at = models.DateTimeField(null=True)
    task_id = models.UUIDField(null=True)
    # The task that did the work: another one that arrives later (a client repeated after a *perhaps*) is skipped.
    completed_task_id = models.UUIDField(null=True)

    class Meta:
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.pk} {self.key}"


class Run(models.Model):
    """One run of an entry's task by a worker."""

    class Outcome(models.TextChoices):
        """How the run ended; RUNNING also where the worker died."""

        RUNNING = "running"
        COMPLETED = "completed"
        SKIPPED = "skipped"

    # The index below begins with the entry and serves in place of the foreign key's own.
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="runs", db_index=False)
    task_id = models.UUIDField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=255)
    release = models.CharField(max_length=100, blank=True)
    redelivered = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)

    class Meta:
        indexes = (models.Index(fields=["entry", "outcome"], name="ledger_run_entry_outcome"),)

    def __str__(self) -> str:
        return f"{self.task_id} {self.outcome}"

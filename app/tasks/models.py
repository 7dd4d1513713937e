"""What outlives the workers' memory."""

from django.db import models
from django.utils import timezone


class Cancellation(models.Model):
    """A task that is not to begin any more."""

    task_id = models.UUIDField(primary_key=True)
    requested_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return str(self.task_id)

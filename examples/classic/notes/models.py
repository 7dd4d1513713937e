"""Notes, and what watch_inbox has counted of them."""

from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Q


class NoteManager(models.Manager):
    def summary(self, prefix):
        """Count the notes whose key begins with the prefix.

        accepted: all of them. completed: processed. lost: accepted and not processed, which counts those that still
        wait. duplicated: worked on more than once, and processed once all the same.
        """
        counts = self.filter(key__startswith=prefix).aggregate(
            accepted=Count("pk"),
            completed=Count("pk", filter=Q(processed__isnull=False)),
            duplicated=Count("pk", filter=Q(runs__gt=1)),
        )
        counts["lost"] = counts["accepted"] - counts["completed"]
        return counts


class Note(models.Model):
    """What somebody has sent in; a task marks it as processed."""

    key = models.CharField(max_length=100, unique=True)
    text = models.TextField(blank=True)
    # Nothing that a browser would run: it is served under the site's own name.
    attachment = models.FileField(
        upload_to="attachments/%Y/%m",
        blank=True,
        validators=[FileExtensionValidator(["csv", "jpg", "pdf", "png", "txt"])],
    )
    seconds = models.FloatField(
        default=0,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(30)],
        help_text="how long its task works",
    )
    created = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField(null=True, editable=False)
    processed = models.DateTimeField(null=True, editable=False)
    runs = models.PositiveIntegerField(default=0, editable=False)

    objects = NoteManager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.key


class Tally(models.Model):
    """The one row that watch_inbox writes."""

    waiting = models.PositiveIntegerField(default=0)
    processed = models.PositiveIntegerField(default=0)
    looks = models.PositiveBigIntegerField(default=0)
    looked = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "tally"

    def __str__(self):
        return f"{self.waiting} waiting, {self.processed} processed"

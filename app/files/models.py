"""What the files below MEDIA_ROOT contain."""

from django.db import models


class StoredFile(models.Model):
    """A file made by a task. Hosts need no common storage: each writes its own copy from here."""

    name = models.CharField(max_length=200, unique=True, help_text="path below MEDIA_ROOT")
    content = models.BinaryField()
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

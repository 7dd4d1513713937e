"""What has been installed already: the schedules themselves are django-celery-beat's."""

from django.db import models


class Installed(models.Model):
    """A schedule of this application that was installed once. What became of it since is the operators' business."""

    name = models.CharField(max_length=200, unique=True)
    installed_at = models.DateTimeField(auto_now_add=True)
    # Switched off by a release that does not know its task; one that does switches it on again.
    withdrawn = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "installed"

    def __str__(self) -> str:
        return self.name

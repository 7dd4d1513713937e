"""The scheduler that beat runs: ``celery -A config beat --scheduler=schedules.scheduler:GardenScheduler``."""

from django_celery_beat.schedulers import DatabaseScheduler

from schedules.services import install


class GardenScheduler(DatabaseScheduler):
    """django-celery-beat's scheduler, which installs this application's schedules when it starts.

    In a release beat comes after the workers: only then is a schedule due whose task they know. The library's own
    default entry, the clean-up of results, is among them: it would be written back at each start, over whatever an
    operator had made of it.
    """

    def setup_schedule(self) -> None:
        """Install what was never installed, then read them all."""
        # Before the first reading: a change between that and the first tick goes unnoticed for five minutes.
        install()
        self.update_from_dict(self.app.conf.beat_schedule)

"""The schedules that this application brings along, as data."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Every:
    """Each so many seconds, minutes, hours or days."""

    every: int
    period: str


@dataclass(frozen=True)
class At:
    """As a crontab says it, in a time zone; Monday is 1."""

    hour: int
    minute: int
    day_of_week: str = "*"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True)
class Entry:
    """A schedule: installed once under its name, and from then on the operators'.

    None of them expires: what piles up while no worker runs is little and idempotent, whereas expired messages
    would gather in the dead-letter queue.
    """

    name: str
    task: str
    when: Every | At
    args: tuple[int, ...] = ()


ENTRIES = (
    # The name that django-celery-beat's own scheduler would use, so that there is one in any case.
    Entry("celery.backend_cleanup", "celery.backend_cleanup", At(4, 0)),
    Entry("Newest photo", "photos.task_save_latest_flickr_image", Every(15, "minutes")),
    Entry("Feedback outbox", "feedback.sweep_outbox", Every(1, "minutes")),
    Entry("Canvas upkeep", "canvas.sweep_runs", Every(1, "minutes")),
    Entry("Results of schedules, newest only", "schedules.trim_results", Every(1, "hours")),
    Entry("Old reports", "reports.remove_old_reports", At(4, 10)),
    Entry("Old photos", "photos.remove_old_photos", At(4, 20)),
    Entry("Old cancellations", "tasks.forget_cancellations", At(4, 30)),
    Entry("add(16, 16) by interval", "canvas.add", Every(30, "seconds"), (16, 16)),
    Entry("add(16, 16) by crontab", "canvas.add", At(7, 30, day_of_week="1"), (16, 16)),
    Entry("add(50, 50) by crontab in Taipei", "canvas.add", At(8, 50, timezone=ZoneInfo("Asia/Taipei")), (50, 50)),
)

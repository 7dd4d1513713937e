"""What becomes of a schedule when beat was away, and in the nights in which clocks are changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery import current_app
from celery.schedules import schedule
from django_celery_beat.tzcrontab import TzAwareCrontab

BERLIN = ZoneInfo("Europe/Berlin")
#: An hour is left out at 01:00 UTC, another one comes twice from 00:00 UTC on.
SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)


class Beat:
    """Looks at one schedule every half a minute, as beat does, by a clock of its own."""

    def __init__(self, wanted, begin):
        self.wanted, self.now, self.last = wanted, begin, begin
        wanted.nowfun = lambda: self.now.astimezone(getattr(wanted, "tz", UTC))

    def sent(self, hours):
        """Return when (UTC, hour and minute) it is sent within the hours to come."""
        end, found = self.now + timedelta(hours=hours), []
        while self.now < end:
            if self.wanted.is_due(self.last).is_due:
                self.last = self.now
                found.append(f"{self.now:%H:%M}")
            self.now += timedelta(seconds=30)
        return found


def berlin(minute, hour):
    return TzAwareCrontab(minute=minute, hour=hour, tz=BERLIN, app=current_app)


@pytest.mark.parametrize(
    ("night", "minute", "hour", "sent"),
    [
        (SPRING, "30", "2", ["01:30"]),
        (SPRING, "0", "3", ["01:00"]),
        (AUTUMN, "30", "2", ["00:30"]),
        (AUTUMN, "0", "3", ["02:00"]),
    ],
)
def test_a_daily_schedule_runs_once_in_the_night_of_a_change(night, minute, hour, sent):
    """A time that there is not comes an hour later, one that comes twice counts the first time."""
    assert Beat(berlin(minute, hour), night - timedelta(hours=12)).sent(hours=24) == sent


def test_a_crontab_leaves_out_the_hour_that_comes_twice():
    assert Beat(berlin("*/30", "*"), AUTUMN - timedelta(minutes=10)).sent(hours=3) == [
        "00:00", "00:30", "02:00", "02:30",
    ]  # fmt: skip


def test_in_utc_no_hour_is_left_out():
    crontab = TzAwareCrontab(minute="*/30", hour="*", tz=ZoneInfo("UTC"), app=current_app)
    assert len(Beat(crontab, AUTUMN - timedelta(minutes=10)).sent(hours=3)) == 6


@pytest.mark.parametrize("wanted", [schedule(timedelta(minutes=15), app=current_app), berlin("*/15", "*")])
def test_what_was_missed_is_sent_once(wanted):
    beat = Beat(wanted, SPRING + timedelta(hours=9))
    beat.last -= timedelta(hours=3)
    assert beat.sent(hours=1)[0] == "09:00"
    assert len(beat.sent(hours=1)) == 4

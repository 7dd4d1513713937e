"""What becomes of schedules: beat was away for hours, or the clocks changed.

Beat was away: its programs are stopped, the rows' last_run_at set back, as three hours without it leave them.
The clocks changed: libfaketime (Debian's faketime) shows beat alone the nights of a change, much faster than they pass.
"""

from __future__ import annotations

import json
import time

from drills.fault import Fault, Limits
from drills.ledger import psql
from drills.machine import APP, Machine
from drills.stack import Stack

HOURS = 3
#: Seconds in which beat, once it is started, sends what it has to send at once.
WATCHED = 20
_TASKS = "django_celery_beat_periodictask"


class _BeatAway(Fault):
    """The program that sends what is due is stopped."""

    limits = Limits(refusals=False)

    def prepare(self, stack: Stack) -> None:
        """Stop it."""
        self.programs = {machine: list(machine.programs("beat")) for machine in stack.all("beat")}
        for machine, names in self.programs.items():
            machine.shell(f"supervisorctl stop {' '.join(names)}")

    def heal(self, stack: Stack) -> None:
        """Start it."""
        for machine, names in self.programs.items():
            if names:
                machine.shell(f"supervisorctl start {' '.join(names)}")


class BeatDown(_BeatAway):
    """What was missed is sent once, not once for each time."""

    title = f"beat down for {HOURS} h"

    def inject(self, stack: Stack) -> None:
        """Set back when each schedule ran last."""
        # least() leaves out what is null: one that never ran counts as having run then.
        last = f"least(last_run_at, now() - interval '{HOURS} hours')"
        _sql(stack, f"update {_TASKS} set last_run_at = {last} where enabled")
        self.before = _sent(stack)

    def heal(self, stack: Stack) -> None:
        """Start it and give it time."""
        begun = time.monotonic()
        super().heal(stack)
        time.sleep(WATCHED)
        self.after, self.watched = _sent(stack), time.monotonic() - begun

    def check(self, stack: Stack) -> list[str]:
        """Each that was due meanwhile was sent once, and again where it has become due since."""
        every, found = _intervals(stack), []
        for name, count in self.after.items():
            sent = count - self.before[name]
            # One by a crontab may have been due.
            least, most = (
                (1, 1 + int(self.watched / every[name])) if every.get(name, HOURS * 3600) < HOURS * 3600 else (0, 1)
            )
            if not least <= sent <= most:
                found.append(f"{name}: sent {sent} times")
        return found


class ClocksChange(_BeatAway):
    """A daily schedule at a local time that one night does not have, and another night has twice, runs once a day."""

    title = "daylight saving time begins and ends: a daily schedule at 02:30 of Berlin"
    #: From when on (UTC) beat is shown the clock, for how many hours, how many times as fast.
    nights = {"begins": "2027-03-28 00:30:00", "ends": "2027-10-31 00:10:00"}
    hours, speed = 3, 240

    def prepare(self, stack: Stack) -> None:
        """Make the schedule the only one."""
        super().prepare(stack)
        stack.one("beat").install("faketime", "faketime")
        self.enabled = [row for [row] in _sql(stack, f"update {_TASKS} set enabled = false where enabled returning id")]
        self.sent: dict[str, list[str]] = {}

    def inject(self, stack: Stack) -> None:
        """Show beat the hours of both nights."""
        for night, begin in self.nights.items():
            _schedule(stack, f"drill {night}", begin)
            self.sent[night] = _beat(stack.one("beat"), begin, self.hours * 3600 / self.speed, self.speed)
            _sql(stack, f"update {_TASKS} set enabled = false where name = 'drill {night}'")

    def heal(self, stack: Stack) -> None:
        """Bring the others back."""
        _sql(stack, f"delete from {_TASKS} where name like 'drill %'")
        _sql(stack, f"update {_TASKS} set enabled = true where id in ({', '.join(self.enabled)})")
        super().heal(stack)

    def check(self, stack: Stack) -> list[str]:
        """It ran once in each."""
        return [f"when it {night}: sent at {sent}" for night, sent in self.sent.items() if len(sent) != 1]


def _schedule(stack: Stack, name: str, last: str) -> None:
    """Make a daily schedule that has run last at a moment (UTC)."""
    crontab = """insert into django_celery_beat_crontabschedule
                 (minute, hour, day_of_week, day_of_month, month_of_year, timezone)
                 values ('30', '2', '*', '*', '*', 'Europe/Berlin') returning id"""
    [[number]] = _sql(stack, crontab)
    script = f"""
import django; django.setup()
from django_celery_beat.models import PeriodicTask
PeriodicTask.objects.create(name={name!r}, task="canvas.add", args="[1, 1]", crontab_id={number},
                            last_run_at="{last}Z")
"""
    stack.one("web").release("python -", stdin=script)


def _beat(machine: Machine, begin: str, seconds: float, speed: int) -> list[str]:
    """Run beat for so many seconds from a moment (UTC) on, so many times as fast; return when it sent something."""
    beat = "celery -A config beat --scheduler=schedules.scheduler:GardenScheduler --pidfile= --loglevel=INFO"
    clock = f"faketime --exclude-monotonic -f '@{begin} x{speed}'"
    # Timeouts count as ever, so that services seem no slower; beat looks at its schedules each second, not each fifth.
    # Within, as the application's user: what faketime shares between its processes belongs to who starts it.
    command = f"timeout {seconds:.0f} /srv/{APP}/current/run {clock} {beat} --max-interval=1 2>&1 || true"
    said = machine.shell(f"TZ=UTC {command}", timeout=seconds + 60)
    return [json.loads(line)["time"][11:16] for line in said.splitlines() if "Sending due task" in line]


def _sent(stack: Stack) -> dict[str, int]:
    rows = _sql(stack, f"select name, total_run_count from {_TASKS} where enabled")
    return {name: int(count) for name, count in rows}


def _intervals(stack: Stack) -> dict[str, float]:
    """Return the seconds between two runs of each schedule by an interval."""
    unit = "case i.period when 'seconds' then 1 when 'minutes' then 60 when 'hours' then 3600 else 86400 end"
    query = f"""select t.name, i.every * {unit} from {_TASKS} t
                join django_celery_beat_intervalschedule i on i.id = t.interval_id where t.enabled"""
    return {name: float(every) for name, every in _sql(stack, query)}


def _sql(stack: Stack, query: str) -> list[list[str]]:
    said = stack.one("postgres").shell(psql(), stdin=f"{query};")
    return [line.split("\t") for line in said.splitlines()]


FAULTS = [BeatDown, ClocksChange]

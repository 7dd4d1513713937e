"""What happens to schedules when their clock was not looked at for a long time."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.host import APP, Host

HOURS = 3
#: Beat sends what is due within these seconds of its start.
WATCHED = 25


def beat_down() -> Fault:
    """Start beat as after three hours without it: what was missed is sent once, not once for each time."""
    beat: list[str] = []
    counts: list[dict[str, int]] = []

    def inject(host: Host) -> None:
        beat.extend(host.programs("beat"))
        host.shell(f"supervisorctl stop {' '.join(beat)}")
        script = f"update django_celery_beat_periodictask set last_run_at = now() - interval '{HOURS} hours'"
        host.shell(f"psql -U postgres -q {APP}", stdin=f"{script} where enabled")
        counts.append(_sent(host))

    def check(host: Host) -> list[str]:
        counts.append(_sent(host))
        before, after = counts
        # One for all that was missed, one that fell due meanwhile.
        many = [name for name, count in after.items() if count - before.get(name, 0) > 2]
        none = [
            name for name, every in _intervals(host).items() if every < HOURS * 3600 and after[name] == before[name]
        ]
        return [*(f"{name} was sent for each time missed" for name in many), *(f"{name} was not sent" for name in none)]

    return Fault(
        "beat-down", f"beat started {HOURS} h after its last tick", inject,
        lambda host: host.shell(f"supervisorctl start {' '.join(beat)}") and None,
        limits=Limits(refusals=False, accepted_after=WATCHED), check=check,
    )  # fmt: skip


def _sent(host: Host) -> dict[str, int]:
    query = "select name, total_run_count from django_celery_beat_periodictask where enabled"
    return {name: int(count) for name, count in _rows(host, query)}


def _intervals(host: Host) -> dict[str, int]:
    query = """select t.name, i.every from django_celery_beat_periodictask t
               join django_celery_beat_intervalschedule i on i.id = t.interval_id
               where t.enabled and i.period = 'seconds'"""
    return {name: int(every) for name, every in _rows(host, query)}


def _rows(host: Host, query: str) -> list[list[str]]:
    return [line.split("\t") for line in host.shell(f"psql -U postgres -qAt -F $'\\t' {APP}", stdin=query).splitlines()]

"""Scheduled commands of applications as timers of systemd."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

UNITS = "/etc/systemd/system"
# Why each of them: a run that was missed comes after the boot, when the services of the host are there; what is
# "oneshot" never runs twice at once; before the first release there is nothing to run.
SERVICE = """\
[Unit]
Description={name} of {application}
After=multi-user.target
ConditionPathExists=/srv/{application}/current/run

[Service]
Type=oneshot
User={application}
Nice=10
ExecStart=/usr/local/lib/cloche/scheduled {application} {name} {command}
TimeoutStartSec={timeout}
"""
TIMER = """\
[Unit]
Description={name} of {application}, at its times

[Timer]
OnCalendar={calendar}
AccuracySec=1s
Persistent=true

[Install]
WantedBy=timers.target
"""


def application_schedules(applications: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the schedules of all applications: ``{application, name, command, calendar, timeout}``."""
    return [{"application": app["name"], **schedule} for app in applications for schedule in app["schedules"]]


def unit_word(text: str) -> str:
    """Return a word of a unit's command line that reaches the program as it is.

    systemd takes quotes, backslashes, variables (``$``) and specifiers (``%``) for its own.
    """
    for mark, replacement in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("$", "$$"), ("%", "%%")):
        text = text.replace(mark, replacement)
    return f'"{text}"'


def schedule_timers(schedules: list[dict[str, Any]]) -> list[str]:
    """Return the names of the schedules' timers; an application's name holds no hyphen."""
    return [f"cloche-{schedule['application']}-{schedule['name']}.timer" for schedule in schedules]


def schedule_files(schedules: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return ``{path, content}`` for the two units of each schedule."""
    files = []
    for schedule, timer in zip(schedules, schedule_timers(schedules), strict=True):
        values = schedule | {"command": unit_word(schedule["command"])}
        place = PurePosixPath(UNITS, timer)
        files.append({"path": str(place.with_suffix(".service")), "content": SERVICE.format(**values)})
        files.append({"path": str(place), "content": TIMER.format(**values)})
    return files


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {
            "application_schedules": application_schedules,
            "schedule_timers": schedule_timers,
            "schedule_files": schedule_files,
        }

"""The timers of backups, and what they start."""

from __future__ import annotations

PROGRAM = "/usr/bin/python3 /usr/local/lib/cloche/backup"
DIRECTORY = "/etc/systemd/system"
# Why each of them: it takes what nobody else wants, and only so long as it lasts; what was missed comes after the boot;
# many hosts must not meet at the target in the same second.
SERVICE = """\
[Unit]
Description={description}
After=multi-user.target network-online.target

[Service]
Type=oneshot
ExecStart={program} {job}
Nice=19
IOSchedulingClass=idle
CPUWeight=10
TimeoutStartSec=infinity
"""
TIMER = """\
[Unit]
Description={description}, at its times

[Timer]
OnCalendar={calendar}
RandomizedDelaySec={delay}
Persistent=true

[Install]
WantedBy=timers.target
"""
DESCRIPTIONS = {
    "promoted": "Backup of the database by a server that has begun to lead",
    "first": "A first backup, and its proof",
    "database": "Backup of the database",
    "files": "Backup of files and definitions",
    "drill": "Restore of the newest backup beside what runs",
}


#: When a server looks whether it has begun to lead, and for up to how much later by chance.
PROMOTED = {"calendar": "*:0/10", "delay": "1min"}


def files(jobs: list[str], calendars: dict[str, str], delay: str) -> list[dict[str, str]]:
    """Return ``{path, content}`` of the units of a host's jobs, and of the one that runs all for the first time."""
    found = []
    for job in [*jobs, "first"]:
        values = {"job": job, "description": DESCRIPTIONS[job], "program": PROGRAM, "delay": delay}
        found.append({"path": f"{DIRECTORY}/backup-{job}.service", "content": SERVICE.format(**values)})
        if job in jobs:
            times = PROMOTED if job == "promoted" else {"calendar": calendars[job]}
            content = TIMER.format(**(values | times))
            found.append({"path": f"{DIRECTORY}/backup-{job}.timer", "content": content})
    return found

"""What happens to RabbitMQ: a queue is gone, all of it is, or it takes nothing."""

from __future__ import annotations

import time

from drills.fault import Fault, Limits
from drills.host import APP, Host

LASTS = 60  # seconds
#: Pages go on, an entry is refused in time, and both are well again soon.
PATIENT = Limits(duplicated=3, accepted_after=30, caught_up_after=60, slowest_get=2, slowest_post=8)


def rabbitmq_down() -> Fault:
    """Stop the only broker."""
    return Fault(
        "rabbitmq-down", f"RabbitMQ down for {LASTS} s",
        lambda host: _quiet(host, "systemctl stop rabbitmq-server"),
        lambda host: _quiet(host, "systemctl start rabbitmq-server"), hold=LASTS, limits=PATIENT,
    )  # fmt: skip


def memory_alarm() -> Fault:
    """Let the broker believe that memory is short, so that it takes no message."""
    return _alarm("memory-alarm", "memory", "vm_memory_high_watermark", "set_vm_memory_high_watermark absolute 1MB")


def disk_alarm() -> Fault:
    """Let the broker believe that the disk is full."""
    return _alarm("disk-alarm", "disk", "disk_free_limit", "set_disk_free_limit 900TB")


def _alarm(name: str, words: str, setting: str, command: str) -> Fault:
    configured: list[str] = []

    def inject(host: Host) -> None:
        pattern = rf"^{setting}\S* *= *"
        configured.append(host.shell(f"grep -hE '{pattern}' /etc/rabbitmq/rabbitmq.conf /etc/rabbitmq/conf.d/* | "
                                     f"tail -n 1 | sed -E 's/{pattern}//'").strip())  # fmt: skip
        _quiet(host, f"rabbitmqctl {command}")

    def heal(host: Host) -> None:
        relative = "absolute " if "memory" in setting else ""
        _quiet(host, f"rabbitmqctl {command.split()[0]} {relative}{configured[0]}")

    return Fault(name, f"{words} alarm of {LASTS} s", inject, heal, hold=LASTS, limits=PATIENT)


def queue_deleted() -> Fault:
    """Delete a queue under traffic: what is sent then is refused, or lies where nothing gets lost."""
    said: dict[str, str] = {}

    def inject(host: Host) -> None:
        said["before"] = str(host.queues()["unrouted"])
        _quiet(host, f"rabbitmqctl delete_queue --vhost {APP} mail")
        prefix = host.accept(5, seconds=0, queue="mail")
        said["prefix"] = prefix
        time.sleep(6)
        said["unrouted"] = str(host.queues()["unrouted"])

    def heal(host: Host) -> None:
        _quiet(host, f"/srv/{APP}/current/run python manage.py declare_topology")
        _quiet(host, f"supervisorctl restart {' '.join(host.programs('worker'))}")

    def check(host: Host) -> list[str]:
        more = int(said["unrouted"]) - int(said["before"])
        return [] if more == 5 else [f"of 5 messages for the missing queue {more} lay in `unrouted`"]

    return Fault("queue-deleted", "a queue deleted under traffic", inject, heal, check=check)


def _quiet(host: Host, command: str) -> None:
    host.shell(command, timeout=240)

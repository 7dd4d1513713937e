"""What happens when RabbitMQ takes no messages: all of it is down, or it thinks that memory or disk are short."""

from __future__ import annotations

from drills.fault import Fault, Limits
from drills.faults.workers import IN_FLIGHT
from drills.stack import Stack

LASTS = 60  # seconds


class _Refusing(Fault):
    """Pages go on, an entry is refused in time, and both are well again soon."""

    hold = LASTS
    limits = Limits(duplicated=IN_FLIGHT, accepted_after=30, slowest_get=2, slowest_post=8)


class RabbitmqDown(_Refusing):
    """Every broker is stopped."""

    title = f"all RabbitMQ down for {LASTS} s"

    def inject(self, stack: Stack) -> None:
        """Stop it."""
        for machine in stack.all("rabbitmq"):
            machine.shell("systemctl stop rabbitmq-server")

    def heal(self, stack: Stack) -> None:
        """Start it."""
        for machine in stack.all("rabbitmq"):
            machine.shell("systemctl start rabbitmq-server")


class _Alarm(_Refusing):
    """The broker's own look at itself says that something is short; ``command`` sets from when on."""

    setting: str
    command: str
    too_much: str

    def prepare(self, stack: Stack) -> None:
        """Read what is configured."""
        pattern = rf"^{self.setting} *= *"
        files = "/etc/rabbitmq/rabbitmq.conf"
        self.usual = stack.one("rabbitmq").shell(f"sed -nE 's/{pattern}//p' {files}").strip()

    def inject(self, stack: Stack) -> None:
        """Raise the alarm."""
        self._set(stack, self.too_much)

    def heal(self, stack: Stack) -> None:
        """Set what is configured."""
        self._set(stack, self.usual)

    def _set(self, stack: Stack, value: str) -> None:
        for machine in stack.all("rabbitmq"):
            machine.shell(f"rabbitmqctl --quiet {self.command} {value}")


class MemoryAlarm(_Alarm):
    """Memory."""

    title = f"RabbitMQ's memory alarm for {LASTS} s"
    setting = r"vm_memory_high_watermark\.absolute"
    command = "set_vm_memory_high_watermark absolute"
    too_much = "1MB"


class DiskAlarm(_Alarm):
    """Disk."""

    title = f"RabbitMQ's disk alarm for {LASTS} s"
    setting = r"disk_free_limit\.absolute"
    command = "set_disk_free_limit"
    too_much = "900000GB"


FAULTS = [RabbitmqDown, MemoryAlarm, DiskAlarm]

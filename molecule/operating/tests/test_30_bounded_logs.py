"""However much is written, a host's logs take what they may and no more."""

from __future__ import annotations

import os
import time

import pytest
from polling import until
from scenario_host import HOST, shell

SERVICES = ["logrotate", "tidy-logs"]
#: MiB that are written in all: 10 GB where there is time for it.
TOTAL = 10_240 if os.environ.get("CLOCHE_ALL") else 900
#: MiB that a flood brings between two looks of the timer, which comes every minute: 2.5 MB/s.
STEP = 150
SERVERS = {
    "nginx": "/var/log/nginx/access.log",
    "postgresql": "/var/log/postgresql/postgresql-17-main.log",
    "redis": "/var/log/redis/redis-server-garden-cache.log",
}
FLOOD = "/etc/supervisor/conf.d/garden-process-flood.conf"
#: MiB of its logs, one of which may be renamed meanwhile.
KEPT = "(du -cm /var/log/garden/garden-process-flood.log* 2> /dev/null || true) | tail -1"
#: MiB that the logs of a server may take: one that grows, one that waits to be packed, and packed ones.
BOUND = 2 * (100 + STEP) + 50


def used(folder: str) -> int:
    """Return the MiB that a folder takes."""
    return int(shell(f"du -sm {folder}").split()[0])


def flood(path: str, mib: int) -> None:
    """Add so many MiB of lines to a log, as its program does: at its end."""
    line = "2026-11-30 10:00:00.000 UTC [1] LOG: the same again and again, as a program writes it that has gone astray"
    shell(f"yes '{line}' | head -c {mib}M >> {path} || true", timeout=120)


@pytest.mark.parametrize("server", SERVERS)
def test_a_servers_log_is_bounded(server):
    folder = os.path.dirname(SERVERS[server])
    before, largest = used(folder), 0
    for _ in range(max(2, TOTAL // len(SERVERS) // 2 // STEP)):
        flood(SERVERS[server], STEP)
        largest = max(largest, used(folder) - before)
        # What the timer does every minute; waiting for it would take hours, and systemd starts nothing so often.
        shell("systemctl reset-failed logrotate.service; systemctl start logrotate.service")
    assert largest < BOUND
    assert shell("systemctl is-failed logrotate.service || true").strip() != "failed"


def test_the_timer_looks_every_minute_by_itself():
    path = SERVERS["redis"]
    flood(path, 120)
    size = until(lambda: int(shell(f"stat --format=%s {path} || echo 0")), lambda size: size < 50 * 2**20, 130)
    assert size < 50 * 2**20
    assert shell(f"stat --format=%U {path}").strip() == "redis"


def floods() -> bool:
    """Return whether the program that floods its log is still at it."""
    return bool(shell("pgrep -u garden --exact head || true"))


def test_a_program_that_floods_is_bounded_as_it_writes():
    """supervisor turns a log over before it is too large, whatever the speed."""
    mib = max(200, TOTAL // 2)
    program = "\n".join(
        [
            "[program:garden-process-flood]",
            f"command=bash -c 'yes flooding the log | head -c {mib}M; sleep 600'",
            "user=garden",
            "redirect_stderr=true",
            "stdout_logfile=/var/log/garden/garden-process-flood.log",
            "stdout_logfile_maxbytes=20MB",
            "stdout_logfile_backups=5",
        ]
    )
    shell(f"cat > {FLOOD} <<'END'\n{program}\nEND\nsupervisorctl update garden-process-flood")
    try:
        until(floods, bool, 20)
        most, deadline = 0, time.monotonic() + 900
        while floods():
            assert time.monotonic() < deadline, "the flood has no end"
            most = max(most, int(shell(KEPT).split()[0]))
        # It was turned over several times, and seen.
        assert 3 * 20 < most <= 6 * 20 + 5
    finally:
        shell(f"rm {FLOOD} && supervisorctl update garden-process-flood")


def test_logs_of_programs_that_are_gone_go_by_age_and_size():
    shell("touch --date='40 days ago' /var/log/garden/garden-web-20260101000000-0000000.log")
    shell("fallocate --length 2200M /var/log/garden/garden-worker-x-20260102000000-0000000.log")
    live = shell("grep -h ^stdout_logfile= /etc/supervisor/conf.d/garden-*.conf | cut -d= -f2").split()
    shell("systemctl start tidy-logs.service")
    left = shell("ls /var/log/garden")
    assert "20260101000000" not in left
    assert "20260102000000" not in left
    assert live
    assert [path for path in live if os.path.basename(path) not in left] == []
    assert "deploys.log" in left


def test_the_journal_and_the_broker_have_a_size_and_an_age():
    assert "SystemMaxUse=256M" in shell("systemd-analyze cat-config systemd/journald.conf")
    assert "MaxRetentionSec=30day" in shell("systemd-analyze cat-config systemd/journald.conf")
    shell("touch --date='40 days ago' /var/log/rabbitmq/rabbit.out.9 && rm -f /run/tidied")
    shell("systemd-tmpfiles --clean /etc/tmpfiles.d/cloche-logs.conf")
    left = shell("ls /var/log/rabbitmq").split()
    assert "rabbit.out" in left
    assert "rabbit.out.9" not in left


def test_the_disk_is_not_full(host):
    assert int(shell("df --output=avail -m / | tail -1")) > 1024, HOST

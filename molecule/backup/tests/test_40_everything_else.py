"""Uploads, what Redis must not lose, and RabbitMQ's definitions come back as well; what was there is put aside."""

from __future__ import annotations

import time

from backups import back_up, moment, restore, settle
from polling import until
from scenario_host import SCRATCH, Site, programs, shell

SERVICES = ["backup-", "redis", "rabbitmq-server"]
PASSWORD = (SCRATCH / "private/secrets/garden_redis_password").read_text().strip()
UPLOAD = "/srv/garden/shared/media/kept.txt"


def redis(command: str) -> str:
    """Return what Redis answers the application."""
    return shell(f"REDISCLI_AUTH='{PASSWORD}' redis-cli --user garden --no-auth-warning -p 6381 {command}").strip()


def vhosts() -> set[str]:
    return set(shell("rabbitmqctl --quiet list_vhosts --no-table-headers").split())


def test_what_was_there_at_a_moment_is_there_again(host):
    shell(f"echo before > {UPLOAD} && chown garden: {UPLOAD} && rabbitmqctl --quiet add_vhost kept")
    redis("SET lock:kept before")
    # The append-only file is written through every second.
    time.sleep(1.5)
    back_up()
    settle()
    at = time.time()
    settle()
    shell(f"echo after > {UPLOAD} && rabbitmqctl --quiet delete_vhost kept")
    redis("SET lock:kept after")
    time.sleep(1.5)
    back_up()
    told = restore(moment(at), "media,redis,rabbitmq")
    assert shell(f"cat {UPLOAD} && stat -c %U {UPLOAD}").split() == ["before", "garden"]
    until(lambda: redis("GET lock:kept"), lambda answered: answered == "before", 10)
    assert "kept" in vhosts()
    shell("rabbitmqctl --quiet delete_vhost kept")
    assert shell("cat /srv/garden/shared.before-*/media/kept.txt").strip() == "after"
    assert "/var/lib/redis/garden-state.before-" in told
    site = Site("localhost")
    until(lambda: site.request("GET", "/readyz").status_code, lambda answered: answered == 200, 60)
    until(lambda: set(programs().values()), lambda states: states == {"RUNNING"}, 60)

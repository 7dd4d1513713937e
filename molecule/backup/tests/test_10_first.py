"""Converging is followed by a backup and its proof; what is kept is encrypted, and no secret is on a command line."""

from __future__ import annotations

import subprocess

from backups import PASSPHRASE, REPOSITORY, back_up, first_is_over, listed, psql, shown, status, well
from scenario_host import HOST, SCRATCH, play, shell

SERVICES = ["backup-", "postgresql"]
#: In a table and in a file: it must not be found in the repository.
MARK = "a-sentence-that-nobody-else-would-write-down"
# Every command line of the host, as often as they can be read, by somebody who is not root.
WATCH = "while [ ! -e /run/seen ]; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; sleep 0.02; done"


def test_the_first_backup_is_made_and_proven(host):
    first_is_over()
    well()
    entry = next(e for e in status()["hosts"][HOST]["backups"] if e["job"] == "drill")
    assert entry["seconds"] is not None
    assert entry["label"] in {backup["id"] for backup in listed()}


def test_what_can_be_restored_is_listed(host):
    found = listed()
    kinds = {(entry["what"], entry["kind"]) for entry in found}
    assert kinds >= {
        ("database", "full"), ("media garden", "snapshot"), ("redis garden-state", "snapshot"),
        ("rabbitmq definitions", "snapshot"),
    }  # fmt: skip
    assert all(entry["bytes"] is not None and entry["stored"] is not None for entry in found)
    table = play("backups")
    assert all(entry["id"] in table for entry in found)


def test_backups_are_encrypted_and_secrets_on_no_command_line(host):
    psql("DROP TABLE IF EXISTS marked")
    psql(f"CREATE TABLE marked AS SELECT '{MARK}' || n AS mark FROM generate_series(1, 100) n")
    shell(f"mkdir -p /srv/garden/shared/media && echo {MARK} > /srv/garden/shared/media/marked.txt")
    argv = ["docker", "exec", "-u", "nobody", HOST, "bash", "-c", WATCH]
    log = SCRATCH / "command-lines"
    with log.open("w") as output, subprocess.Popen(argv, stdout=output) as watcher:
        try:
            back_up("full")
        finally:
            shell("touch /run/seen")
            watcher.wait(timeout=30)
            shell("rm /run/seen")
    seen = log.read_text()
    # The watch has seen what it is about.
    assert "pgbackrest" in seen
    assert "restic" in seen
    assert PASSPHRASE not in seen
    assert shell(f"grep -rlF {MARK} {REPOSITORY} || true") == ""
    assert shell("find /etc/cloche/backup.json /etc/pgbackrest/pgbackrest.conf -perm /o=rwx").strip() == ""
    assert PASSPHRASE not in shell("journalctl --no-pager -o cat; cat /var/log/pgbackrest/*")


def test_timers_wait_with_a_random_delay(host):
    timers = "backup-database.timer backup-files.timer backup-drill.timer"
    assert shell(f"systemctl is-active {timers}").split() == ["active"] * 3
    assert shell(f"systemctl is-enabled {timers}").split() == ["enabled"] * 3
    delays = shell(f"systemctl show --property=RandomizedDelayUSec --value {timers}").split()
    assert delays == ["1h"] * 3


def test_a_differential_backup_follows_a_full_one(host):
    shell("systemctl start backup-database.service", timeout=120)
    assert [entry["kind"] for entry in listed() if entry["what"] == "database"][-1] == "diff"
    assert shown()["database"] == ("ok", "")

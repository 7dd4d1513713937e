"""What hosts are told of backups, and how what they have is shown."""

from __future__ import annotations

import configparser
import json

import pytest
from ansible.module_utils.backup import problems, settings, table, units
from conftest import ROOT, load, plugin

PASSPHRASE = "Zq7kW2vXe9rZq7kW2vXe9r/+="
LOCAL = {"kind": "local", "path": "/var/backups/repository"}
SFTP = {
    "kind": "sftp", "host": "backup.example.com", "port": 2222, "user": "backup", "path": "/srv/backup",
    "key": "PRIVATE-KEY", "host_keys": ["ssh-ed25519 AAAA", "ssh-rsa BBBB"],
}  # fmt: skip
S3 = {
    "kind": "s3", "endpoint": "s3.example.com", "region": "eu-1", "bucket": "backups", "path": "/production",
    "key": "S3-KEY", "secret": "S3-SECRET", "path_style": True,
}  # fmt: skip
CLUSTER = {"data": "/var/lib/postgresql/17/main", "port": 5432}


def said(target=LOCAL, passphrase=PASSPHRASE, days=14, debian="13", database=True, several=False):
    return problems.found(target, passphrase, days, debian, database, several)


@pytest.mark.parametrize("target", [LOCAL, SFTP, S3, {"kind": "none"}], ids=lambda target: target["kind"])
def test_each_kind_of_target_is_taken(target):
    assert said(target) == []


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"target": {"kind": "ftp"}}, "backup_target.kind is 'ftp'"),
        ({"target": {}}, "backup_target.kind"),
        ({"target": {"kind": "local"}}, "lacks path"),
        ({"target": LOCAL | {"path": "relative"}}, "backup_target.path is 'relative'"),
        ({"target": LOCAL | {"path": "/a b"}}, "backup_target.path is '/a b'"),
        ({"target": S3 | {"bukket": "x"}}, "did you mean bucket?"),
        ({"target": SFTP | {"host_keys": []}}, "lacks host_keys"),
        ({"passphrase": "too short"}, "openssl rand"),
        ({"passphrase": "p% $#'\"\\:@/ ü" + PASSPHRASE}, "openssl rand"),
        ({"days": 0}, "backup_retention_days is 0"),
        ({"target": SFTP, "debian": "12"}, "Debian 12"),
        ({"several": True}, "PostgreSQL has several hosts"),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(given, word):
    (line,) = said(**given)
    assert word in line
    assert PASSPHRASE not in line


def test_a_host_without_a_database_may_use_sftp_on_debian_12():
    """restic knows it there; only pgBackRest does not."""
    assert said(SFTP, debian="12", database=False) == []


@pytest.mark.parametrize("target", [LOCAL, SFTP, S3], ids=lambda target: target["kind"])
def test_pgbackrest_encrypts_and_keeps_by_time(target):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(settings.pgbackrest(target, PASSPHRASE, 14, CLUSTER))
    shared = dict(parser["global"])
    assert (shared["repo1-cipher-type"], shared["repo1-cipher-pass"]) == ("aes-256-cbc", PASSPHRASE)
    assert (shared["repo1-retention-full-type"], shared["repo1-retention-full"]) == ("time", "14")
    assert shared["repo1-path"] == f"{target['path']}/postgres"
    assert shared["repo1-type"] == {"local": "posix"}.get(target["kind"], target["kind"])
    assert dict(parser["main"]) == {"pg1-path": CLUSTER["data"], "pg1-port": "5432"}


@pytest.mark.parametrize("target", [LOCAL, SFTP, S3], ids=lambda target: target["kind"])
def test_no_secret_is_in_what_restic_is_called_with(target):
    """Its command line is for every user of the host to read; its environment is not."""
    told = settings.restic(target, "web-1", PASSPHRASE)
    shown = json.dumps([told["repository"], told["options"]])
    assert [secret for secret in (PASSPHRASE, "PRIVATE-KEY", "S3-KEY", "S3-SECRET") if secret in shown] == []
    assert told["environment"]["RESTIC_PASSWORD"] == PASSPHRASE
    assert told["repository"].endswith(f"{target['path']}/files/web-1")


def test_hosts_know_the_target_by_name_and_port():
    place = "[backup.example.com]:2222"
    assert settings.known_hosts(SFTP) == f"{place} ssh-ed25519 AAAA\n{place} ssh-rsa BBBB\n"
    assert settings.known_hosts(SFTP | {"port": 22}).startswith("backup.example.com ssh-ed25519 AAAA\n")


def test_each_job_has_a_timer_and_the_first_has_none():
    calendars = load(ROOT / "roles/backup/defaults/main.yml")["backup_calendars"]
    made = units.files(["files", "drill"], calendars, "1h")
    found = {file["path"].removeprefix("/etc/systemd/system/"): file["content"] for file in made}
    timed = {f"backup-{job}.{kind}" for job in ("files", "drill") for kind in ("service", "timer")}
    assert set(found) == timed | {"backup-first.service"}
    assert f"OnCalendar={calendars['drill']}\nRandomizedDelaySec=1h" in found["backup-drill.timer"]
    assert "ExecStart=/usr/bin/python3 /usr/local/lib/cloche/backup files\n" in found["backup-files.service"]


def test_whoever_has_begun_to_lead_looks_often():
    """Its time is no choice: what it ends is a gap in the archive."""
    [service, timer, _] = units.files(["promoted"], {}, "1h")
    assert "OnCalendar=*:0/10\nRandomizedDelaySec=1min" in timer["content"]
    assert "backup promoted\n" in service["content"]


def test_several_servers_may_share_what_all_reach():
    assert said(SFTP, several=True) == said(S3, several=True) == []


def test_the_cluster_is_where_the_role_postgres_has_it():
    def versions(role: str) -> dict[str, str]:
        return load(ROOT / f"roles/{role}/vars/main.yml")[f"__{role}_versions"]

    assert versions("backup") == versions("postgres")


def test_the_program_reads_what_it_is_told():
    """The two meet in a file of JSON: each key of one is a field of the other."""
    text = plugin("filter/backup").backup_json(LOCAL, "web-1", PASSPHRASE, 14, {}, [])
    assert json.loads(text) == {
        "host": "web-1", "retention_days": 14, "postgres": None, "sources": [], "options": [],
        "repository": "/var/backups/repository/files/web-1", "environment": {"RESTIC_PASSWORD": PASSPHRASE},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-01-31 12:00:00", True), ("2026-01-31T12:00:00+01:00", True), ("latest", True),
        ("", False), ("yesterday", False), ("2999-01-01 00:00:00", False),
    ],
)  # fmt: skip
def test_a_moment_is_a_second_that_is_over(text, good):
    assert problems.is_moment(text) is good


def test_backups_are_shown_newest_first_with_age_and_size():
    entries = [
        {"what": "database", "kind": "full", "id": "20261129-020000F", "at": 1000, "bytes": 3 * 2**20, "stored": 2**19},
        {"what": "media garden", "kind": "snapshot", "id": "1a2b3c4d", "at": 4600, "bytes": None, "stored": None},
    ]
    lines = table.backups({"lab": entries, "web-1": []}, 4600 + 7200).splitlines()
    assert lines[0] == "lab: 2 backups"
    assert lines[2].split()[:6] == ["media", "garden", "snapshot", "1970-01-01", "01:16:40", "UTC"]
    assert lines[2].split()[6:] == ["2", "h", "-", "-", "1a2b3c4d"]
    assert lines[3].split()[-7:] == ["3", "h", "3.0", "MiB", "0.5", "MiB", "20261129-020000F"]
    assert lines[-2] == "web-1: 0 backups"


def test_what_became_of_a_job_is_told():
    record = {"job": "drill", "outcome": "done", "seconds": 4.2, "database": {"label": "1F", "tables": 30, "unsure": 0}}
    assert table.done([record]) == "drill: done after 4.2 s, 1F, 30 tables"


def test_what_came_back_is_told_with_what_was_put_aside():
    done = [{"source": "database", "reached": "", "aside": "/var/lib/postgresql/17/main.before-20261130T120000"}]
    told = table.restored({"lab": done})
    assert "main.before-20261130T120000" in told
    assert "end of the archive" in told
    assert "nothing was restored" in table.restored({"lab": []})

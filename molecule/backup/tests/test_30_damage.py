"""A backup that cannot be restored, or is not what was backed up, makes the drill fail and `make status` red."""

from __future__ import annotations

import pytest
from backups import REPOSITORY, back_up, drill, shown, well
from scenario_host import shell

SERVICES = ["backup-", "postgresql"]
RECORDS = "/var/lib/cloche/backup"
LARGEST = "find {place} -type f -newer /root/before -printf '%s %p\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-"


@pytest.fixture
def made_good():
    """Make new backups in the end, which must be well."""
    yield
    back_up("full")
    result = drill()
    assert result.returncode == 0, result.stdout + result.stderr
    well()


def refused(word: str) -> None:
    """Fail unless the drill fails with this word, and the status is red for it."""
    result = drill()
    assert result.returncode != 0
    level, note = shown()["drill"]
    assert level == "red"
    assert word in note


def spoil(path: str) -> None:
    """Overwrite some bytes in the middle of a file."""
    overwrite = f'head -c 64 /dev/urandom | dd of="{path}" bs=1 seek=$at conv=notrunc status=none'
    shell(f'at=$(($(stat -c %s "{path}") / 2)); {overwrite}')


def test_a_damaged_database_backup(host, made_good):
    shell("touch /root/before")
    back_up("full")
    newest = shell(f"ls -d {REPOSITORY}/postgres/backup/main/2*F | tail -n 1").strip()
    spoil(shell(LARGEST.format(place=f"{newest}")).strip())
    refused("")
    assert shown()["database"][0] == "ok"


def test_a_table_that_is_not_what_was_backed_up(host, made_good):
    """One row's difference: the manifest is what is spoilt here, as no backup can be made to lie."""
    back_up("full")
    newest = shell(f"ls {RECORDS}/manifests/*F.json | tail -n 1").strip()
    script = (
        f"import json; m = json.load(open('{newest}'));"
        " t = next(t for t in m['databases']['garden']['tables'] if t['table'] == 'django_migrations'); t['rows'] += 1;"
        f" json.dump(m, open('{newest}', 'w'))"
    )
    shell(f'python3 -c "{script}"')
    refused("garden public.django_migrations")


def test_a_damaged_snapshot_of_files(host, made_good):
    """Of what is new in the repository the largest is what the drill has to read."""
    shell("touch /root/before; head -c 3000000 /dev/urandom > /srv/garden/shared/media/random")
    back_up()
    spoil(shell(LARGEST.format(place=f"{REPOSITORY}/files/*/data")).strip())
    refused("restic")
    # restic does not store again what it believes to have.
    shell(f"rm -r /srv/garden/shared/media/random {REPOSITORY}/files/*")


def test_a_backup_that_is_late(host):
    record = f"{RECORDS}/database.json"
    older = f"import json; p = '{record}'; r = json.load(open(p)); r['succeeded'] -= 111600; json.dump(r, open(p, 'w'))"
    shell(f'cp {record} /root && python3 -c "{older}"')
    try:
        assert shown()["database"] == ("red", "is late")
    finally:
        shell(f"mv /root/database.json {record}")
    well()


def test_an_archive_that_does_not_follow(host):
    """Segments wait where the repository cannot be written to; the oldest is what counts."""
    waiting = "$(echo /var/lib/postgresql/*/main)/pg_wal/archive_status/0000000F000000000000000F.ready"
    shell(f"touch -d '20 minutes ago' {waiting}")
    try:
        assert shown()["archive"][0] == "red"
    finally:
        shell(f"rm {waiting}")

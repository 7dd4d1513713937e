"""The backup program on a host of several with PostgreSQL, as far as it goes without a server."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "roles/backup/files/program"))

# The controller has none, and nothing here connects.
_absent = ModuleType("psycopg2")
_absent.Error, _absent.extensions, _absent.sql = Exception, None, None
sys.modules.setdefault("psycopg2", _absent)

from cloche_backup import cli, config, database, records, restoring  # noqa: E402

PLACES = {"data": "/d/main", "configuration": "/etc/postgresql/17/main", "scratch": "/d/drill"}
POSTGRES = {
    "version": "17", "port": 5432, "unit": "patroni.service", "scratch_port": 5499, "full_days": 7, "sample_mb": 1,
    "several": True, "listed": False,
}  # fmt: skip


def made(tmp_path: Path, **changes: object) -> config.Config:
    """Return the configuration of a host, as the role writes it."""
    given = {"host": "data-1", "retention_days": 14, "sources": [], "repository": "/r", "records": str(tmp_path)}
    path = tmp_path / "backup.json"
    path.write_text(json.dumps(given | {"postgres": POSTGRES | PLACES | changes}))
    return config.read(path)


@pytest.mark.parametrize(("follows", "record"), [(True, {"follows": True}), (False, {"label": "1F"})])
def test_only_who_leads_backs_the_database_up(tmp_path, monkeypatch, follows, record):
    monkeypatch.setattr(database, "follows", lambda postgres: follows)
    monkeypatch.setattr(database.pgbackrest, "call", lambda *words: "[]")
    newest = {"label": "1F", "kind": "full", "stopped": 9, "bytes": 1, "stored": 1, "damaged": False}
    monkeypatch.setattr(database.pgbackrest, "backups", lambda: [newest])
    monkeypatch.setattr(database.manifest, "take", lambda *words: {"databases": {}})
    [done] = cli._database(made(tmp_path), Namespace())
    assert done["outcome"] == "done"
    assert record.items() <= done.items()
    assert records.read(tmp_path / "database.json")["succeeded"] == done["succeeded"]


@pytest.mark.parametrize(
    ("before", "follows", "jobs"),
    [({"follows": True}, False, 1), ({"follows": True}, True, 0), ({"label": "1F"}, False, 0), ({}, False, 0)],
)
def test_who_has_begun_to_lead_backs_up_at_once(tmp_path, monkeypatch, before, follows, jobs):
    records.write(tmp_path / "database.json", before)
    monkeypatch.setattr(database, "follows", lambda postgres: follows)
    monkeypatch.setattr(database, "back_up", lambda told, kind: {})
    assert len(cli._promoted(made(tmp_path), Namespace())) == jobs


def test_a_server_alone_never_follows(tmp_path):
    assert not database.follows(database.cluster(made(tmp_path, several=False)))


def test_one_of_them_lists_the_backups(tmp_path):
    assert cli.listed(made(tmp_path)) == []


def test_recovery_goes_by_the_settings_that_were_put_aside(tmp_path):
    """A backup of before the cluster has none beside the data."""
    told = made(tmp_path)
    settings = restoring._settings(told.postgres, Path("/d/main.before-x"))
    assert settings["config_file"] == "/d/main.before-x/postgresql.conf"
    assert (settings["hba_file"], settings["hot_standby"]) == ("/d/main.before-x/pg_hba.conf", "off")
    alone = made(tmp_path, several=False)
    assert restoring._settings(alone.postgres, Path("/x")) == {
        "config_file": f"{PLACES['configuration']}/postgresql.conf"
    }

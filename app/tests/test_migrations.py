"""Migrations of our own features: complete, in one line, and walked both ways."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from production import APP, run_python

OURS = sorted(app.label for app in apps.get_app_configs() if APP.samefile(f"{app.path}/.."))
WALK = """
import sys
import django
django.setup()
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

def tables(label):
    ours = {model._meta.db_table for model in apps.get_app_config(label).get_models(include_auto_created=True)}
    return ours & set(connection.introspection.table_names())

call_command("migrate", verbosity=0)
for label in sys.argv[1:]:
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == label)
    complete = tables(label)
    for name in [*names[-2::-1], "zero"]:
        call_command("migrate", label, name, verbosity=0)
    assert not tables(label), (label, "leaves tables behind")
    for name in names:
        call_command("migrate", label, name, verbosity=0)
    assert tables(label) == complete, label
    call_command("migrate", verbosity=0)
print("walked")
"""


@pytest.fixture(scope="module")
def graph():
    return MigrationLoader(None).graph


def test_no_model_has_changed_without_a_migration(transactional_db):
    call_command("makemigrations", *OURS, check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("label", OURS)
def test_migrations_are_linear(graph, label):
    ours = [key for key in graph.nodes if key[0] == label]
    assert len(graph.leaf_nodes(label)) == bool(ours)
    for key in ours:
        assert len([parent for parent in graph.node_map[key].parents if parent.key[0] == label]) <= 1, key


def test_every_migration_can_be_taken_back_and_applied_again(tmp_path):
    migrated = sorted({label for label, _ in MigrationLoader(None).disk_migrations} & set(OURS))
    assert "ledger" in migrated
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'walk.sqlite3'}", "SECRET_KEY": "x"}
    result = run_python("-c", WALK, *migrated, DJANGO_SETTINGS_MODULE="config.settings.local", **environment)
    assert result.stdout == "walked\n", result.stderr

"""``migrate``, and what `check` says before and after it, on a database of their own."""

from __future__ import annotations

import sqlite3

SECOND = """migrations.AddField("Item", "note", models.TextField(null=True)),
    migrations.RemoveField("Item", "name")"""


def test_check_then_migrate(project):
    assert project.agent("migrate", "--manage", "manage.py").result["applied"] == ["shop.0001_first"]
    project.migration("0002_second", SECOND)
    pending = project.agent("check", "--manage", "manage.py").result["migrations"]
    reason = "removes the column shop_item.name, which the running code still uses"
    assert pending == [{"name": "shop.0002_second", "unsafe": [reason]}]
    ran = project.agent("migrate", "--manage", "manage.py")
    assert (ran.status, ran.result["applied"], ran.result["declared"]) == (0, ["shop.0002_second"], [])
    assert project.agent("migrate", "--manage", "manage.py").result["applied"] == []


def test_in_an_empty_database_nothing_is_unsafe(project):
    project.migration("0002_second", SECOND + ", migrations.RunSQL('SELECT 1')")
    pending = project.agent("check", "--manage", "manage.py").result["migrations"]
    assert [migration["unsafe"] for migration in pending] == [[], []]


def test_a_failing_migration_is_named(project):
    project.migration("0002_second", SECOND)
    project.migration("0003_third", "migrations.RunSQL('SELECT 1 FROM nowhere')")
    ran = project.agent("migrate", "--manage", "manage.py")
    assert (ran.status, ran.result["step"], ran.result["migration"]) == (1, "migrate", "shop.0003_third")
    assert ran.result["applied"] == ["shop.0001_first", "shop.0002_second"]
    assert "no such table: nowhere" in ran.result["error"]


def test_ahead(project):
    """What a newer release applied, of an application that this one knows or not; not what a squash replaced."""
    project.migration("0002_second", SECOND)
    project.agent("migrate", "--manage", "manage.py")
    (project.path / "shop/migrations/0002_second.py").unlink()
    squashed = (project.path / "shop/migrations/0001_first.py").read_text()
    project.write("shop/migrations/0001_first.py", squashed + "    replaces = [('shop', '0001_older')]\n")
    with sqlite3.connect(project.path / "db.sqlite3") as connection:
        for app, name in (("gone", "0001_x"), ("shop", "0001_older")):
            connection.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-01-01')", (app, name)
            )
    ran = project.agent("check", "--manage", "manage.py")
    assert ran.result["ahead"] == ["gone.0001_x", "shop.0002_second"]


def test_conflicts_are_refused(project):
    project.migration("0002_second", SECOND)
    project.last = "0001_first"
    project.migration("0002_other", "migrations.RunPython(migrations.RunPython.noop)")
    ran = project.agent("check", "--manage", "manage.py")
    assert ran.result["step"] == "migrations" and "0002_other" in ran.result["error"]

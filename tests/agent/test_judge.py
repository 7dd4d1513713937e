"""What a pending operation does to the code that still runs, with PostgreSQL's types; nothing is connected to."""

from __future__ import annotations

import django
import pytest
from django.conf import settings

if not settings.configured:
    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}}, USE_TZ=True)
    django.setup()

from cloche_agent.judge import Judge
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now

add, alter, remove = migrations.AddField, migrations.AlterField, migrations.RemoveField
separate = migrations.SeparateDatabaseAndState


def char(length, **options):
    return models.CharField(max_length=length, **options)


def to(model, **options):
    return models.ForeignKey(model, models.CASCADE, **options)


ID = ("id", models.BigAutoField(primary_key=True))
ITEM = [
    ID,
    ("name", char(10)),
    ("note", models.TextField(null=True)),
    ("price", models.DecimalField(max_digits=8, decimal_places=2)),
    ("count", models.IntegerField(default=0)),
    ("code", char(5, db_column="sku")),
    ("made", models.DateTimeField(db_default=Now())),
    ("shelf", to("shop.shelf")),
    ("tags", models.ManyToManyField("shop.shelf", related_name="+")),
]


class Custom(Operation):
    """What a library brings."""

    def state_forwards(self, app_label, state):
        """Change nothing."""


def judge(*operations):
    """Return the reasons for the operations, in one migration, against the models Item and Shelf."""
    state = ProjectState()
    state.add_model(ModelState("shop", "Shelf", [ID]))
    state.add_model(ModelState("shop", "Item", ITEM))
    state.add_model(ModelState("shop", "Named", [ID], options={"db_table": "things"}))
    state.add_model(ModelState("shop", "View", [ID], options={"managed": False}))
    migration = migrations.Migration("0002_x", "shop")
    migration.operations = list(operations)
    return Judge(connection, state).migration(migration)


UNIQUE = models.UniqueConstraint(fields=["name"], name="one_name")
DROP = migrations.RemoveConstraint("Item", "one_name")
CHECK = models.CheckConstraint(
    name="some", **{"condition" if django.VERSION >= (5, 1) else "check": models.Q(count__gt=0)}
)

SAFE = {
    "create": [migrations.CreateModel("New", [ID])],
    "delete what is not managed": [migrations.DeleteModel("View")],
    "rename with a table of its own name": [migrations.RenameModel("Named", "Other")],
    "the table's name written out": [migrations.AlterModelTable("Item", "shop_item")],
    "add nullable": [add("Item", "x", char(5, null=True))],
    "add with a database default": [add("Item", "x", char(5, db_default="-"))],
    "add many to many": [add("Item", "x", models.ManyToManyField("shop.shelf", related_name="+"))],
    "alter: wider": [alter("Item", "name", char(20))],
    "alter: text": [alter("Item", "name", models.TextField())],
    "alter: more digits": [alter("Item", "price", models.DecimalField(max_digits=10, decimal_places=2))],
    "alter: nullable": [alter("Item", "name", char(10, null=True))],
    "alter: choices": [alter("Item", "name", char(10, choices=[("a", "A")]))],
    "alter: the same key": [alter("Item", "shelf", to("shop.Shelf", related_name="items"))],
    "rename but for the column": [migrations.RenameField("Item", "code", "sku_code")],
    "python": [migrations.RunPython(migrations.RunPython.noop)],
    "sql that is vouched for": [migrations.RunSQL("-- safe: an index of its own\nCREATE INDEX a ON b (c)")],
    "sql that does nothing": [migrations.RunSQL(migrations.RunSQL.noop)],
    "index": [migrations.AddIndex("Item", models.Index(fields=["name"], name="by_name"))],
    "options": [migrations.AlterModelOptions("Item", {"ordering": ["name"]})],
    "remove a rule": [separate(state_operations=[migrations.AddConstraint("Item", UNIQUE)]), DROP],
    "only in the state": [separate(state_operations=[remove("Item", "name")])],
    "what the plan made itself": [
        migrations.CreateModel("New", [ID, ("name", char(9))]),
        add("New", "x", char(5, default="")),
        alter("New", "name", char(2, unique=True)),
        migrations.AddConstraint("New", UNIQUE),
        migrations.RenameField("New", "x", "y"),
        migrations.RenameModel("New", "Newer"),
        remove("Newer", "y"),
        migrations.DeleteModel("Newer"),
    ],
    "a column the plan made itself": [
        add("Item", "x", char(5, null=True)),
        alter("Item", "x", char(2, null=True)),
        migrations.RenameField("Item", "x", "y"),
        migrations.AlterUniqueTogether("Item", {("name", "y")}),
        migrations.AddConstraint("Item", models.UniqueConstraint(fields=["name", "y"], name="both")),
        remove("Item", "y"),
    ],
}
UNSAFE = {
    "delete": ([migrations.DeleteModel("Item")], "removes the table shop_item"),
    "rename model": ([migrations.RenameModel("Item", "Thing")], "renames the table shop_item"),
    "rename table": ([migrations.AlterModelTable("Named", "stuff")], "renames the table things to stuff"),
    "order": ([migrations.AlterOrderWithRespectTo("Item", "shelf")], "adds the column shop_item._order NOT NULL"),
    "remove": ([remove("Item", "code")], "removes the column shop_item.sku"),
    "remove a key": ([remove("Item", "shelf")], "removes the column shop_item.shelf_id"),
    "remove many to many": ([remove("Item", "tags")], "removes the table of shop_item.tags"),
    "rename": (
        [migrations.RenameField("Item", "name", "title")],
        "renames the column shop_item.name to shop_item.title",
    ),
    "rename many to many": ([migrations.RenameField("Item", "tags", "labels")], "renames the relation shop_item.tags"),
    "add, default only in Python": ([add("Item", "x", char(5, default="-"))], "adds the column shop_item.x NOT NULL"),
    "not null": ([alter("Item", "note", models.TextField())], "makes the column shop_item.note NOT NULL"),
    "not null in two steps": (
        [add("Item", "x", char(5, null=True)), alter("Item", "x", char(5))],
        "makes the column shop_item.x NOT NULL, which the running code does not fill",
    ),
    "no database default": (
        [alter("Item", "made", models.DateTimeField())],
        "drops the database default of shop_item.made",
    ),
    "narrower": ([alter("Item", "name", char(5))], "narrows the type (varchar(10) to varchar(5))"),
    "text to varchar": ([alter("Item", "note", char(5, null=True))], "narrows the type (text to varchar(5))"),
    "fewer digits": (
        [alter("Item", "price", models.DecimalField(max_digits=8, decimal_places=3))],
        "changes the type (numeric(8, 2) to numeric(8, 3))",
    ),
    "bigger": ([alter("Item", "count", models.BigIntegerField())], "changes the type (integer to bigint)"),
    "a check by type": ([alter("Item", "count", models.PositiveIntegerField())], "adds a check"),
    "another column": ([alter("Item", "name", char(10, db_column="title"))], "renames the column shop_item.name"),
    "another target": ([alter("Item", "shelf", to("shop.named"))], "changes the target (shop.shelf to shop.named)"),
    "a key from a number": ([alter("Item", "count", to("shop.shelf"))], "renames the column shop_item.count"),
    "unique": ([alter("Item", "name", char(10, unique=True))], "makes shop_item.name unique"),
    "unique together": (
        [migrations.AlterUniqueTogether("Item", {("name", "code")})],
        "makes (name, code) of shop_item",
    ),
    "constraint": ([migrations.AddConstraint("Item", UNIQUE)], "adds the constraint one_name to shop_item"),
    "check": ([migrations.AddConstraint("Item", CHECK)], "adds the constraint some to shop_item"),
    "sql": ([migrations.RunSQL("/* why */ DROP TABLE a")], "runs SQL that can't be judged (DROP TABLE a)"),
    "sql with parameters": ([migrations.RunSQL([("UPDATE a SET b = %s", [1])])], "(UPDATE a SET b = %s)"),
    "sql with the word elsewhere": ([migrations.RunSQL("SELECT 1 -- this is not safe")], "can't be judged"),
    "in the database only": (
        [separate(database_operations=[remove("Item", "name")])],
        "removes the column shop_item.name",
    ),
    "an unknown operation": ([Custom()], "Custom can't be judged"),
}


@pytest.mark.parametrize("operations", SAFE.values(), ids=SAFE)
def test_safe(operations):
    assert judge(*operations) == []


@pytest.mark.parametrize(("operations", "words"), UNSAFE.values(), ids=UNSAFE)
def test_unsafe(operations, words):
    reasons = judge(*operations)
    assert len(reasons) >= 1 and words in reasons[0]


def test_each_operation_is_judged_against_the_state_before_it():
    """A database operation by name only finds what the one before it left; the state afterwards is the state's."""
    reasons = judge(
        separate(database_operations=[migrations.RenameField("Item", "name", "title"), remove("Item", "title")]),
        remove("Item", "name"),
    )
    assert [reason.split(",")[0] for reason in reasons] == [
        "renames the column shop_item.name to shop_item.title",
        "removes the column shop_item.title",
        "removes the column shop_item.name",
    ]

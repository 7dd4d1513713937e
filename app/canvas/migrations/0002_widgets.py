"""Something to count and rename from the beginning; the admin has more."""

from django.db import migrations


def add_widgets(apps, schema_editor):
    widgets = apps.get_model("canvas", "Widget").objects
    for name in ("Trowel", "Watering can", "Wheelbarrow"):
        widgets.create(name=name)


class Migration(migrations.Migration):
    dependencies = [("canvas", "0001_initial")]
    # The way back drops the table.
    operations = [migrations.RunPython(add_widgets, migrations.RunPython.noop)]

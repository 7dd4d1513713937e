"""Notes and their tally."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100, unique=True)),
                ("text", models.TextField(blank=True)),
                (
                    "attachment",
                    models.FileField(
                        blank=True,
                        upload_to="attachments/%Y/%m",
                        validators=[
                            django.core.validators.FileExtensionValidator(["csv", "jpg", "pdf", "png", "txt"]),
                        ],
                    ),
                ),
                (
                    "seconds",
                    models.FloatField(
                        blank=True,
                        default=0,
                        help_text="how long its task works",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(30),
                        ],
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("sent", models.DateTimeField(editable=False, null=True)),
                ("processed", models.DateTimeField(editable=False, null=True)),
                ("runs", models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={"ordering": ["-pk"]},
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("waiting", models.PositiveIntegerField(default=0)),
                ("processed", models.PositiveIntegerField(default=0)),
                ("looks", models.PositiveBigIntegerField(default=0)),
                ("looked", models.DateTimeField(null=True)),
            ],
            options={"verbose_name_plural": "tally"},
        ),
    ]

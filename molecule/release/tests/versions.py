"""Versions of the sample: each function changes the scenario's copy of the source."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path

from scenario_host import PROJECT, SCRATCH, shell

SOURCE = SCRATCH / "source"
#: Migrations that tests have added: one that was applied belongs to every later version.
ADDED = SCRATCH / "migrations"
APPLIED = "select name from django_migrations where app = 'ledger'"

MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "{before}")]
    operations = [{operations}]
"""


def pristine() -> None:
    """Bring back the sample as the project has it, with the migrations that the database has."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(PROJECT / "app", SOURCE, ignore=shutil.ignore_patterns("__pycache__"))
    for name in shell(f'psql -U postgres -qAt garden -c "{APPLIED}"').split():
        if (ADDED / f"{name}.py").is_file():
            shutil.copy(ADDED / f"{name}.py", SOURCE / "ledger/migrations")
    # A tree that was never released: no two tests shall share a release.
    new_code()


def write(path: str, text: str, *, append: bool = False) -> None:
    """Write a file of the source, or add to it."""
    target = SOURCE / path
    target.write_text((target.read_text() if append else "") + text)


def new_code() -> str:
    """Change the code without changing what it does; return what was written."""
    version = uuid.uuid4().hex
    write("core/version.py", f'"""Which version this is."""\n\nVERSION = "{version}"\n')
    return version


def new_dependency() -> None:
    """Require a package more, in the version that the controller itself is locked to."""
    lock = (PROJECT / "requirements/controller.txt").read_text()
    entry = re.search(r"^iniconfig==.*?(?=^\S)", lock, re.MULTILINE | re.DOTALL)
    write("requirements.txt", f"\n{entry.group().strip()}\n", append=True)


def last_migration() -> str:
    """Return the name of the ledger's newest migration."""
    return sorted(path.stem for path in (SOURCE / "ledger/migrations").glob("0*.py"))[-1]


def new_migration(operations: str) -> str:
    """Add a migration with these operations; return its name."""
    before = last_migration()
    name = f"{int(before[:4]) + 1:04d}_{uuid.uuid4().hex[:8]}"
    write(f"ledger/migrations/{name}.py", MIGRATION.format(before=before, operations=operations))
    ADDED.mkdir(exist_ok=True)
    shutil.copy(SOURCE / f"ledger/migrations/{name}.py", ADDED)
    return name


def new_column() -> str:
    """Add a migration that old code does not notice: a column that may be NULL; return the migration's name."""
    column = f"note_{uuid.uuid4().hex[:8]}"
    return new_migration(f'migrations.AddField("run", "{column}", models.TextField(null=True))')


def replace(path: str, old: str, new: str) -> None:
    """Replace a text of the source that is there once."""
    text = (SOURCE / path).read_text()
    assert text.count(old) == 1, f"{old!r} is not once in {path}"
    write(path, text.replace(old, new))


def exists(path: str) -> Path:
    """Return a file of the source."""
    return SOURCE / path

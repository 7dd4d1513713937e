"""What the agent's tests share. They run in the sample application's environment: see bin/unit-tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "roles" / "release" / "files" / "agent"
sys.path.insert(0, str(AGENT))

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
import os, pathlib
BASE = pathlib.Path(__file__).parent
print("noise of the settings")
SECRET_KEY = "x" * 60 + "abcdefgh"
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
INSTALLED_APPS = ["django.contrib.staticfiles", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "site_urls"
STATIC_URL, STATIC_ROOT = "/static/", BASE / "collected"
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003", "security.W004"]
"""
MIGRATION = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = {dependencies}
    operations = [{operations}]
"""
FIRST = """migrations.CreateModel("Item", [
    ("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=10))])"""


@dataclass
class Ran:
    """How the agent ended."""

    status: int
    result: dict[str, Any]
    lines: list[str]
    stderr: str


class Project:
    """A Django project to throw away, in a directory, and the agent run in it as on a host."""

    def __init__(self, path: Path) -> None:
        self.path, self.last = path, ""
        self.write("manage.py", MANAGE)
        self.write("site_settings.py", SETTINGS)
        self.write("site_urls.py", "urlpatterns = []\n")
        self.write("shop/__init__.py", "")
        self.write("shop/migrations/__init__.py", "")
        self.migration("0001_first", FIRST)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def append(self, name: str, text: str) -> None:
        """Add to a file of the project."""
        self.write(name, (self.path / name).read_text(encoding="utf-8") + text)

    def migration(self, name: str, operations: str) -> None:
        """Add a migration of `shop` behind the last one."""
        dependencies = [("shop", self.last)] if self.last else []
        self.write(f"shop/migrations/{name}.py", MIGRATION.format(dependencies=dependencies, operations=operations))
        self.last = name

    def agent(self, *arguments: str, **environment: str) -> Ran:
        """Run the agent; without the variables of whoever runs the tests."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        done = subprocess.run(
            [sys.executable, str(AGENT), *arguments],
            cwd=self.path,
            env=kept | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        lines = done.stdout.splitlines()
        return Ran(done.returncode, json.loads(lines[-1]), lines, done.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with one application and one migration."""
    return Project(tmp_path)

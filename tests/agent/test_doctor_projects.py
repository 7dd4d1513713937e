"""The kit's own applications lose nothing by their settings: asked as on a host, judged as `make doctor` does."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "roles" / "release" / "files" / "agent"
#: Run by the controller's Python, which has Ansible.
JUDGE = """
import importlib.util, json, sys
import yaml
def filters(name):
    spec = importlib.util.spec_from_file_location(name, f"plugins/filter/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FilterModule().filters()
name, facts = sys.argv[1], json.load(sys.stdin)
definition = yaml.safe_load(open(f"inventories/lab/apps/{name}.yml"))
(app,) = filters("applications")["complete_applications"]({name: definition})
result = {"facts": facts, "item": app, "release": "1-a", "state": "live", "error": ""}
print(json.dumps(filters("doctor")["doctor_reports"]([result], "lab")[0]))
"""
KEY = "Zq7!kW2vXe9rTb4mLp8s" * 3
#: Where each is, how the release starts it, and what the kit puts into its environment.
PROJECTS = {
    "garden": (
        "app", "app-venv",
        ["--manage", "manage.py", "--app", "config.wsgi:application", "--celery", "config"],
        {
            "DJANGO_SETTINGS_MODULE": "config.settings.production", "SECRET_KEY": KEY,
            "ALLOWED_HOSTS": "localhost,garden.test", "DATABASE_URL": "postgresql://garden:p@127.0.0.1:5432/garden",
            "CACHE_URL": "redis://garden:p@127.0.0.1:6380/0", "CELERY_RESULT_BACKEND": "django-db",
            "STATIC_ROOT": "/srv/garden/releases/1-a/static", "MEDIA_ROOT": "/srv/garden/shared/media",
        },
    ),
    "celery_demo": (
        "examples/celery_demo", "celery-demo-venv", ["--celery", "celery_demo"],
        {"CELERY_RESULT_BACKEND": "db+sqlite:////srv/celery_demo/shared/results.sqlite3"},
    ),
}  # fmt: skip


def report(name: str, **environment: str) -> dict[str, Any]:
    """Return what `make doctor` would say of one of the kit's own applications."""
    directory, venv, arguments, given = PROJECTS[name]
    kept = {variable: os.environ[variable] for variable in ("PATH", "HOME") if variable in os.environ}
    given = given | {"CELERY_BROKER_URL": f"amqp://{name}:p@127.0.0.1:5672/{name}", "PYTHONDONTWRITEBYTECODE": "1"}
    python = ROOT / ".cache" / venv / "bin" / "python"
    ran = subprocess.run(
        [python, AGENT, "doctor", *arguments], cwd=ROOT / directory, env=kept | given | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    judged = subprocess.run(
        [ROOT / ".venv" / "bin" / "python", "-c", JUDGE, name],
        input=ran.stdout.splitlines()[-1], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stderr
    return json.loads(judged.stdout)


def named(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding["severity"], finding["setting"]) for finding in found["findings"]}


def test_the_sample_application_has_nothing_to_lose():
    assert named(report("garden")) == set()


def test_the_plain_celery_example_has_advice_at_most():
    advice = {("advises", "task_cls"), ("advises", "beat_schedule.expires")}
    assert named(report("celery_demo")) == advice


@pytest.mark.parametrize(
    ("variables", "setting"),
    [
        ({"ALLOWED_HOSTS": "localhost"}, "ALLOWED_HOSTS"),
        ({"GUNICORN_CMD_ARGS": "--timeout 5"}, "GUNICORN_CMD_ARGS"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"MEDIA_ROOT": "media"}, "MEDIA_ROOT"),
        ({"CACHE_URL": "redis://garden:p@127.0.0.1:6381/0"}, "CACHES.LOCATION"),
    ],
)
def test_what_an_operator_can_get_wrong_from_outside_is_named(variables, setting):
    assert setting in {name for _, name in named(report("garden", **variables))}

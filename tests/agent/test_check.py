"""``check``: what it loads and says, and that nothing an application does can spoil the result."""

from __future__ import annotations

from unittest.mock import ANY

import pytest


def test_everything_in_one_process(project):
    project.write("shop/static/shop/a.css", "a {}")
    project.write("shop/static/shop/b.css", "b {}")
    project.write("site_wsgi.py", "def application(environ, start_response): return []\n")
    project.write(
        "jobs.py", "from celery import Celery\napp = Celery('jobs')\n@app.task(name='shop.sell')\ndef sell(): ..."
    )
    ran = project.agent(
        "check", "--manage", "manage.py", "--app", "site_wsgi:application", "--celery", "jobs", "--static"
    )
    assert ran.status == 0
    assert ran.result["static"] == 2 and (project.path / "collected/shop/a.css").is_file()
    assert "shop.sell" in ran.result["tasks"] and "celery.accumulate" in ran.result["tasks"]
    assert ran.result["migrations"] == [{"name": "shop.0001_first", "unsafe": []}]
    assert ran.result["topology"] == {"broker": "amqp://guest:**@localhost:5672//", "queues": ANY, "delayed": False}
    assert ran.result["topology"]["queues"]["celery"]["exchange"]["name"] == "celery"
    assert (ran.result["warnings"], ran.result["ahead"]) == ([], [])
    assert 0 < ran.result["loading"] < 60


def test_noise_goes_elsewhere(project):
    """Also that of child processes, at exit, and while threads of the application go on."""
    project.append("site_settings.py", "import subprocess; subprocess.run(['echo', 'a child'])\n")
    project.append(
        "site_settings.py", "import threading, time; threading.Thread(target=time.sleep, args=(50,)).start()\n"
    )
    ran = project.agent("check", "--manage", "manage.py")
    assert ran.status == 0 and len(ran.lines) == 1
    assert "noise of the settings" in ran.stderr and "a child" in ran.stderr


def test_modules_of_the_application_come_first(project):
    """Whatever they are called, the agent's own modules included."""
    for name in ("cli", "check", "output", "agent"):
        project.write(f"{name}.py", "mine = True\n")
        project.append("site_settings.py", f"import {name}; assert {name}.mine\n")
    assert project.agent("check", "--manage", "manage.py").status == 0


def test_a_package_without_manage_is_set_up_by_the_environment(project):
    ran = project.agent("check", "--manage", "django-admin", DJANGO_SETTINGS_MODULE="site_settings")
    assert (ran.status, ran.result["warnings"]) == (0, [])
    ran = project.agent("check", "--manage", "django-admin")
    assert (ran.status, ran.result["step"]) == (1, "load")
    assert "DJANGO_SETTINGS_MODULE" in ran.result["error"]


def test_the_environment_outranks_manage(project):
    project.write("other_settings.py", "from site_settings import *\nDEBUG = True\n")
    assert project.agent("check", "--manage", "manage.py").result["warnings"] == []
    ran = project.agent("check", "--manage", "manage.py", "--settings", DJANGO_SETTINGS_MODULE="other_settings")
    assert ran.result["settings"]["SETTINGS_MODULE"] == "other_settings"
    assert any("security.W018" in warning for warning in ran.result["warnings"])


def test_a_check_that_asks_for_a_table_before_the_first_migration_is_no_refusal(project):
    """Some projects have such checks, and their first release could never be."""
    project.write(
        "shop/apps.py",
        """
from django.apps import AppConfig
from django.core import checks
from django.db.utils import ProgrammingError
class ShopConfig(AppConfig):
    name = "shop"
    def ready(self):
        def ask(app_configs, **_):
            raise ProgrammingError('relation "shop_shelf" does not exist')
        checks.register(ask, deploy=True)
""",
    )
    ran = project.agent("check", "--manage", "manage.py")
    assert ran.status == 0
    assert any('relation "shop_shelf" does not exist' in warning for warning in ran.result["warnings"])
    assert ran.result["tolerated"] == ["*"], "what they would have said nobody knows"


@pytest.mark.parametrize(("arguments", "status"), [(["--offline"], 0), (["--later"], 0), ([], 1)])
def test_a_check_that_asks_a_server_waits_for_the_first_release(project, arguments, status):
    """Clients that try again make a circle of exceptions. Before the first release the server may not be there yet."""
    project.write(
        "shop/apps.py",
        """
from django.apps import AppConfig
from django.core import checks
class Lost(Exception): pass
class ShopConfig(AppConfig):
    name = "shop"
    def ready(self):
        def ask(app_configs, **_):
            try:
                raise ConnectionRefusedError(111, "Connection refused")
            except OSError as refused:
                first = Lost("no connection to the cache")
                last = Lost("gave up")
                last.__cause__, last.__context__ = first, refused
                first.__cause__ = last
                raise first
        checks.register(ask, deploy=True)
""",
    )
    ran = project.agent("check", "--manage", "manage.py", *arguments)
    assert ran.status == status
    said = ran.result["warnings"] if status == 0 else [ran.result["error"]]
    assert any("no connection to the cache" in words for words in said)


@pytest.mark.parametrize(
    ("deploy", "arguments", "status"),
    [
        (True, ["--offline"], 0),
        (True, [], 1),
        (True, ["--known", "shop.E2"], 0),
        (True, ["--known", "shop.E3"], 1),
        (True, ["--known", "*"], 0),
        (False, ["--offline"], 1),
        (False, ["--known", "shop.E2"], 1),
    ],
)
def test_a_check_for_deployment_can_ask_for_workers_that_the_first_release_brings(project, deploy, arguments, status):
    """Afterwards it counts, unless the live release has it too; what is wrong at any time counts always."""
    project.append("site_settings.py", "SILENCED_SYSTEM_CHECKS = []\n")
    project.write(
        "shop/apps.py",
        f"""
from django.apps import AppConfig
from django.core import checks
class ShopConfig(AppConfig):
    name = "shop"
    def ready(self):
        checks.register(lambda app_configs, **_: [checks.Error("no worker", id="shop.E2")], deploy={deploy})
""",
    )
    ran = project.agent("check", "--manage", "manage.py", *arguments)
    assert ran.status == status
    said = ran.result["warnings"] if status == 0 else [ran.result["error"]]
    assert any("(shop.E2) no worker" in words for words in said)
    assert ran.result.get("tolerated") == (["shop.E2"] if status == 0 else None)


def test_an_error_of_the_system_checks(project):
    project.append("site_settings.py", "SILENCED_SYSTEM_CHECKS = []\n")
    project.write(
        "shop/apps.py",
        """
from django.apps import AppConfig
from django.core import checks
class ShopConfig(AppConfig):
    name = "shop"
    def ready(self):
        checks.register(lambda app_configs, **_: [checks.Error("no shelf", id="shop.E1")], deploy=True)
""",
    )
    ran = project.agent("check", "--manage", "manage.py")
    assert (ran.status, ran.result["step"], ran.result["error"]) == (1, "checks", "(shop.E1) no shelf")
    assert any("security.W001" in warning for warning in ran.result["warnings"])


@pytest.mark.parametrize(
    ("arguments", "step", "words"),
    [
        (["--manage", "gone.py"], "load", "no file gone.py"),
        (["--manage", "broken.py"], "load", "ModuleNotFoundError: No module named 'nowhere' (broken.py:1)"),
        (["--manage", "refuses.py"], "load", "gives up: not today"),
        (["--app", "broken:application"], "app", "No module named 'nowhere'"),
        (["--app", "site_urls:urlpatterns"], "app", "is a list"),
        (["--app", "site_urls:missing"], "app", "missing"),
        (["--celery", "broken"], "celery", "No module named 'nowhere'"),
        (["--surprise"], "arguments", "--surprise"),
    ],
)
def test_what_does_not_load(project, arguments, step, words):
    project.write("broken.py", "import nowhere\n")
    project.write("refuses.py", "raise SystemExit('not today')\n")
    ran = project.agent("check", *arguments)
    assert (ran.status, ran.result["step"]) == (1, step)
    assert words in ran.result["error"]


def test_no_secret_in_an_error(project):
    project.append(
        "site_settings.py",
        "raise ValueError(os.environ['DATABASE_URL'] + ' s#cret/Pässword ' + os.environ['API_KEY'])\n",
    )
    ran = project.agent(
        "check",
        "--manage",
        "manage.py",
        DATABASE_URL="postgresql://shop:s%23cret%2FP%C3%A4ssword@db/shop",
        API_KEY="0123456789",
    )
    assert ran.status == 1 and "postgresql://shop:***@db/shop *** ***" in ran.result["error"]


def test_without_a_database(project):
    project.append("site_settings.py", "DATABASES = {}\n")
    ran = project.agent("check", "--manage", "manage.py")
    assert (ran.status, ran.result["migrations"]) == (0, [])

"""`make new-app` on settings that do well by themselves: what they read only if it is there, and what they say else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible.module_utils import adopting
from source_samples import BOMB, CELERY, PLAIN, WSGI, django
from test_new_app import LAB, guess, write

METADATA = "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\nRequires-Dist: django\nRequires-Dist: django-rest-knobs\n"


def described(source: Path, settings: str) -> tuple[dict, str]:
    write(source / "shop", django(**{"shop/settings.py": PLAIN + settings, "requirements.txt": "django\n"}))
    return guess(source)


def installed(source: Path, settings: str) -> dict:
    """Return the definition of a package from an index."""
    write(source / "shop", {
        "shop-1.0.dist-info/METADATA": METADATA, "shop/__init__.py": "",
        "shop/settings.py": PLAIN + settings + BOMB, "shop/wsgi.py": WSGI.format(settings="shop.settings") + BOMB,
    })  # fmt: skip
    found = adopting.describe(source / "shop", "shop", {"package": "shop"}, adopting.read_environment(LAB))
    return found.values()


@pytest.mark.parametrize(
    "settings",
    [
        'if "PAGES" in os.environ and os.environ["PAGES"] != "":\n    PAGES = int(os.environ["PAGES"])\n',
        'if os.environ.get("PAGES"):\n    PAGES = os.environ["PAGES"]\n',
        'PAGES = os.environ["PAGES"] if "PAGES" in os.environ else "20"\n',
    ],
)
def test_what_is_read_only_where_it_is_there_is_not_asked_for(source, settings):
    definition, text = described(source, settings)
    assert "PAGES" not in definition["app_environment"]
    assert "# PAGES may be set (shop/settings.py:" in text


@pytest.mark.parametrize(
    "settings",
    [
        'if "OTHER" in os.environ:\n    pass\nPAGES = os.environ["PAGES"]\n',
        'if "PAGES" not in os.environ:\n    PAGES = os.environ["PAGES"]\nPAGES = os.environ["PAGES"]\n',
        'def pages():\n    return os.environ["PAGES"]\nPAGES = pages()\n',
    ],
)
def test_what_is_read_in_any_case_is(source, settings):
    assert "fill in" in described(source, settings)[0]["app_environment"]["PAGES"]


def test_what_a_function_reads_that_nobody_calls_is_not_asked_for(source):
    """As one that a signal calls once a worker is ready."""
    definition, text = described(source, '@ready.connect\ndef measure(**told):\n    return os.environ["GAUGES"]\n')
    assert "GAUGES" not in definition["app_environment"]
    assert "# GAUGES is needed under `if measure() is called`" in text


def test_settings_of_celery_count_with_the_defaults_of_their_variables(source):
    settings = (
        'CELERY_TASK_DEFAULT_QUEUE = os.getenv("SHOP_QUEUE", "main")\n'
        'CELERY_TASK_TIME_LIMIT = int(os.getenv("SHOP_LIMIT", str(10 * 60)))\n'
    )
    definition, _ = _with_celery(source, settings)
    assert definition["app_queues"] == ["main"]
    assert [worker["time_limit"] for worker in definition["app_workers"]] == [600]


def _with_celery(source: Path, settings: str) -> tuple[dict, str]:
    files = {"shop/settings.py": PLAIN + settings, "shop/celery.py": CELERY, "requirements.txt": "django\ncelery\n"}
    write(source / "shop", django(**files))
    return guess(source)


def test_a_time_limit_may_be_a_product(source):
    definition, _ = _with_celery(source, "CELERY_TASK_TIME_LIMIT = 5 * 60\n")
    assert [worker["time_limit"] for worker in definition["app_workers"]] == [300]


def test_what_lies_below_the_users_home_outlives_a_release(source):
    settings = (
        'SHOP_ROOT = os.getenv("SHOP_ROOT", os.path.expanduser("~/.shop"))\n'
        'MEDIA_ROOT = os.path.join(SHOP_ROOT, "media").rstrip("/")\nSTATIC_ROOT = os.path.join(SHOP_ROOT, "static")\n'
    )
    definition, _ = described(source, settings)
    assert definition["app_environment"]["SHOP_ROOT"] == "/srv/shop/shared/shop"
    assert definition["app_media_root"] == "shop/media"
    assert definition["app_static_root"] == "static", "nginx serves from the release alone"
    assert 'STATIC_ROOT = os.environ["STATIC_ROOT"]' in definition["app_hooks"]["prepare"][1]


def test_an_application_that_nobody_brings_becomes_an_empty_package(source):
    """Of a package that leaves it to whoever runs it; what another one brings under an odd name stays that one's."""
    apps = 'INSTALLED_APPS = ["shop", "django.contrib.auth", "rest_knobs", "customize", "json"]\n'
    definition = installed(source, apps)
    command = definition["app_hooks"]["prepare"][0]
    assert "for name in customize json; do" in command
    given = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    scratch = source / "release"
    scratch.mkdir()
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=scratch, env=given, check=True)
    assert [str(path.relative_to(scratch)) for path in scratch.rglob("*.py")] == ["customize/__init__.py"]
    assert definition["app_environment"]["PYTHONPATH"] == "."


@pytest.mark.parametrize(
    ("test", "engine", "given"),
    [
        ('os.getenv("DB") == "postgres"', "django.db.backends.postgresql", "postgres"),
        ('os.getenv("DB", "lite") in ["psql", "pg"]', "django_tenants.postgresql_backend", "psql"),
        ('os.getenv("DB") == "mysql"', "django.db.backends.mysql", None),
    ],
    ids=["equal", "one of", "another"],
)
def test_the_word_is_given_that_chooses_postgresql(source, test, engine, given):
    lite = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.getenv("DB_NAME", "x")}}\n'
    settings = f'{lite}if {test}:\n    DATABASES = {{"default": {{"ENGINE": "{engine}"}}}}\n'
    assert described(source, settings)[0]["app_environment"].get("DB") == given


def test_a_header_that_a_condition_binds_is_given_as_a_pair(source):
    settings = 'if v := os.getenv("PROXY_HEADER"):\n    SECURE_PROXY_SSL_HEADER = tuple(v.split(","))\n'
    assert described(source, settings)[0]["app_environment"]["PROXY_HEADER"] == "HTTP_X_FORWARDED_PROTO,https"


def test_where_the_site_is_reached_is_told_by_the_default_that_it_has(source):
    settings = (
        'SITE_ROOT = os.getenv("SITE_ROOT", "http://localhost:8000")\nA_SITE_ROOT = os.getenv("A_SITE_ROOT", "x")\n'
    )
    assert described(source, settings)[0]["app_environment_map"] == {"SITE_ROOT": "{site.url}"}


def test_the_url_of_another_database_is_left_alone(source):
    settings = (
        'DATABASES = {"default": env.db_url("DATABASE_URL")}\nif os.getenv("UPSTREAM_DATABASE_URL"):\n'
        '    DATABASES["upstream"] = os.getenv("UPSTREAM_DATABASE_URL")\n'
    )
    definition, _ = described(source, "import environ\nenv = environ.Env()\n" + settings)
    assert "app_environment_map" not in definition


def test_a_class_of_the_projects_own_is_no_reader_of_variables(source):
    definition, _ = described(source, 'from shop.conf import Config\nconfig = Config()\nWIDGET = config["widget"]\n')
    assert "widget" not in definition["app_environment"]


def test_a_directory_may_be_hidden(source):
    settings = 'STATIC_ROOT = os.path.join(BASE_DIR, ".collected")\n'
    assert described(source, settings)[0]["app_static_root"] == "source/.collected"


def test_a_backend_of_the_projects_own_is_kept(source):
    """The variable that processes get outranks what the settings say."""
    definition, _ = _with_celery(source, 'CELERY_RESULT_BACKEND = "shop.results.LoggingBackend"\n')
    assert definition["app_result_backend"] == "shop.results.LoggingBackend"


def test_no_result_backend_may_be_what_the_settings_say(source):
    definition, _ = _with_celery(source, 'CELERY_BROKER_URL = "amqp://x"\nCELERY_RESULT_BACKEND = None\n')
    assert definition["app_result_backend"] == "none"


def test_a_driver_that_no_requirement_names_is_added(source):
    """As where the project has it among extras, or begins on SQLite."""
    assert described(source, "")[0]["app_further_requirements"] == ["gunicorn", "psycopg2-binary"]


def test_settings_in_a_folder_that_no_statement_can_name_are_laid_over_as_well(source):
    settings = 'SECRET_KEY = "the same everywhere"\nROOT_URLCONF = "my-shop.urls"\nNAME = "shop"\n'
    write(source / "shop", django("my-shop", **{"my-shop/settings.py": settings, "requirements.txt": "django\n"}))
    [command] = guess(source)[0]["app_hooks"]["prepare"]
    (source / "shop/my-shop/__init__.py").write_text("")
    given = {"SECRET_KEY": "ours", "CSRF_TRUSTED_ORIGINS": "https://shop.test", "PATH": "/usr/bin:/bin"}
    subprocess.run(["bash", "-euc", command], cwd=source / "shop", env=given, check=True)
    shown = "import own_settings as s; print(s.SECRET_KEY, s.NAME)"
    told = subprocess.check_output([sys.executable, "-c", shown], cwd=source / "shop", env=given, text=True)
    assert told.split() == ["ours", "shop"]


def test_a_directory_may_be_the_fallback_of_a_file_of_settings(source):
    settings = (
        'BASE = Path(config.get("files", "base"))\nDATA = os.environ.get("SHOP_DATA_DIR", BASE / "data")\n'
        'MEDIA_ROOT = Path(config.get("files", "media", fallback=Path(DATA) / "media"))\n'
    )
    definition, _ = described(source, settings)
    assert "app_environment_map" not in definition, "it is not the whole of MEDIA_ROOT"
    assert definition["app_environment"]["SHOP_DATA_DIR"] == "/srv/shop/shared/data"
    assert definition["app_media_root"] == "data/media"


def test_variables_that_go_through_a_table_of_the_projects_own_are_known_by_their_names(source):
    settings = (
        'TABLE = {"type": os.getenv("SHOP_DB_TYPE"), "broker": os.getenv("SHOP_CELERY_BROKER"),'
        ' "backend": os.getenv("SHOP_CELERY_BACKEND")}\nENGINE = "django.db.backends." + TABLE["type"]\n'
        'CELERY_BROKER_URL = TABLE["broker"]\n'
    )
    definition, _ = _with_celery(source, settings)
    assert definition["app_environment"]["SHOP_DB_TYPE"] == "postgresql"
    assert definition["app_environment_map"] == {
        "SHOP_CELERY_BACKEND": "{results.url}",
        "SHOP_CELERY_BROKER": "{broker.url}",
    }


def test_what_only_a_cluster_of_redis_has_is_left_alone(source):
    settings = 'if os.getenv("REDIS_CLUSTER_NAME"):\n    SENTINEL = os.getenv("REDIS_SENTINEL_HOST")\n'
    settings += 'REDIS_HOST = os.getenv("REDIS_HOST")\n'
    assert described(source, settings)[0]["app_environment_map"] == {"REDIS_HOST": "{state.host}"}

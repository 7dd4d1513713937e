"""`make new-app`: what it guesses of a source of any shape, and that preflight takes it or says what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.module_utils import adopting
from conftest import ROOT, load
from samples import filters
from source_samples import ASGI, SHAPES, django
from yamllint import linter
from yamllint.config import YamlLintConfig

LAB = ROOT / "inventories/lab"
#: What each shape leaves to be filled in, besides secrets that only its owner knows.
MISSING = {
    "uv": ["app_environment.SHOP_COUNTRY"],
    "split settings": ["app_environment.MAIL_FROM"],
}


def write(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return directory


def guess(directory: Path, path: str = "shop", name: str = "shop", environment: Path = LAB) -> tuple[dict, str]:
    """Return the definition as preflight reads the file, and the file's text."""
    found = adopting.describe(directory / path, name, {"path": path}, adopting.read_environment(environment))
    text = adopting.render(found, path)
    assert yaml.safe_load(text) == found.values()
    return yaml.safe_load(text), text


@pytest.fixture(params=SHAPES)
def shape(request, source):
    """Return a shape's name, and its project's definition and text."""
    write(source / "shop", SHAPES[request.param])
    return (request.param, *guess(source))


@pytest.fixture
def shop(source):
    return lambda shape: guess(write(source / "shop", SHAPES[shape]).parent)[0]


def with_secrets(definition: dict) -> dict:
    """Return it as it is once the vault holds its secrets."""
    secrets = {name: f"{name}-Sh0p!kW2vXe9r" for name in definition.get("app_secrets", {})}
    foreign = dict.fromkeys(definition.get("app_secret_environment", {}), "sk_live_4eC39HqLyjWD")
    return definition | {"app_secrets": secrets, "app_secret_environment": foreign}


def test_preflight_takes_it_or_lists_what_is_missing(shape, facts):
    name, definition, _ = shape
    problems = filters.application_problems({"shop": with_secrets(definition)}, facts)
    assert sorted(p["variable"].removeprefix("apps/shop.yml ") for p in problems) == MISSING.get(name, [])
    assert {p["value"] for p in problems} <= {"(to be filled in)"}
    assert all(len(p["remedy"]) > 20 for p in problems)


def test_each_line_says_what_it_was_guessed_from(shape):
    _, definition, text = shape
    for key in definition:
        assert re.search(rf"^# From .+\n(# .*\n)*{key}:", text, re.MULTILINE), key


def test_the_file_passes_the_kits_own_lint(shape):
    config = YamlLintConfig(file=str(ROOT / ".yamllint"))
    assert [str(problem) for problem in linter.run(shape[2], config)] == []


def test_the_settings_for_production_are_taken(shop):
    definition = shop("split settings")
    assert definition["app_environment"]["DJANGO_SETTINGS_MODULE"] == "config.settings.production"
    assert "ONLY_LOCAL" not in definition["app_environment"]
    assert definition["app_requirements"] == "requirements/production.txt"
    assert definition["app_static_root"] == "source/staticfiles"


def test_queues_come_from_routes_and_the_broker_from_the_default(shop):
    definition = shop("split settings")
    assert (definition["app_celery"], definition["app_queues"]) == ("config", ["main", "slow"])
    assert definition["app_broker"] == "rabbitmq"
    assert definition["app_environment_map"] == {"BROKER_URL": "{broker.url}"}
    assert definition["app_beat"] == definition["app_flower"] == {}


def test_an_older_idiom_gets_its_parts_of_urls(shop):
    """SQL_* and CELERY_BROKER: no URL of the kit's is read under its own name."""
    definition = shop("classic")
    wanted = {"SQL_ENGINE": "django.db.backends.postgresql", "DEBUG": "0"}
    assert wanted.items() <= definition["app_environment"].items()
    assert "app_secret_environment" not in definition
    assert definition["app_environment_map"] == {
        "SQL_HOST": "{database.host}",
        "SQL_PORT": "{database.port}",
        "SQL_USER": "{database.user}",
        "SQL_PASSWORD": "{database.password}",
        "SQL_DATABASE": "{database.name}",
        "CELERY_BROKER": "{broker.url}",
        "CELERY_BACKEND": "{results.url}",
        "DJANGO_ALLOWED_HOSTS": "{site.domains}",
    }
    assert definition["app_broker"] == definition["app_result_backend"] == "redis"


def test_a_layout_below_src_is_found(shop):
    definition = shop("src")
    assert (definition["app_manage"], definition["app_wsgi"]) == ("src/manage.py", "shop.wsgi:application")
    assert definition["app_environment"]["PYTHONPATH"] == "src"


def test_channels_ask_for_asgi(shop):
    definition = shop("asgi")
    assert definition["app_asgi"] == "shop.asgi:application"
    assert "app_wsgi" not in definition
    assert definition["app_environment_map"] == {"REDIS_URL": "{state.url}"}


def test_without_celery_there_is_nothing_of_it(shop):
    assert not {"app_celery", "app_queues", "app_workers", "app_broker", "app_beat"} & shop("no celery").keys()


def test_celery_alone_has_no_site_and_no_database(shop):
    definition = shop("celery only")
    assert (definition["app_celery"], definition["app_queues"]) == ("jobs", ["celery", "bulk"])
    assert not {"app_wsgi", "app_manage", "app_domains"} & definition.keys()
    assert list(definition["app_secrets"]) == ["redis"]


def test_an_application_of_an_odd_name_is_named_with_its_variable(shop):
    definition = shop("setup.cfg")
    assert (definition["app_celery"], definition["app_packages"]) == ("mailer.app:worker", ["libmagic1"])


def test_a_lock_is_followed_to_what_needs_debian_packages(shop):
    """CairoSVG is only in the lock."""
    assert {"libpango-1.0-0", "libcairo2"} <= set(shop("poetry")["app_packages"])


def test_a_secret_that_only_its_owner_knows_refers_to_the_vault(shop):
    definition = shop("uv")
    assert definition["app_secret_environment"] == {"STRIPE_API_KEY": "{{ vault_shop_stripe_api_key }}"}
    assert definition["app_environment_map"] == {"DJANGO_SECRET_KEY": "{django.secret_key}"}
    assert "THEME" not in definition["app_environment"]


def test_what_is_read_under_a_condition_is_not_asked_for(source):
    """A bucket's name is needed by those who have a bucket."""
    settings = SHAPES["no celery"]["shop/settings.py"] + 'if STORAGE == "s3":\n    BUCKET = os.environ["BUCKET"]\n'
    write(source / "shop", SHAPES["no celery"] | {"shop/settings.py": settings})
    definition, text = guess(source)
    assert "BUCKET" not in definition["app_environment"]
    assert "# BUCKET is needed under `if STORAGE == 's3'` (shop/settings.py:5)" in text


def test_production_beside_the_named_settings_is_taken(source):
    """Whatever their package is called."""
    shape = django("shop", "shop.conf.base", **{
        "shop/conf/__init__.py": "",
        "shop/conf/base.py": SHAPES["no celery"]["shop/settings.py"],
        "shop/conf/production.py": "from .base import *\n",
        "requirements.txt": "django\n",
    })  # fmt: skip
    definition, _ = guess(write(source / "shop", shape).parent)
    assert definition["app_environment"]["DJANGO_SETTINGS_MODULE"] == "shop.conf.production"


def test_a_template_in_a_source_does_not_become_one_of_ansible(source):
    """Else whoever writes a queue's name could run a command on the controller of whoever describes the project."""
    hostile = 'from celery import Celery\napp = Celery("jobs")\ntask_default_queue = "{{ lookup(1) }}"\n'
    write(source / "shop", {"jobs.py": hostile, "requirements.txt": "celery\n"})
    definition, text = guess(source)
    assert definition["app_queues"] == ["<fill in: a value; the source has a template here>"]
    assert "{{ lookup" not in "".join(line for line in text.splitlines() if not line.startswith("#"))


def test_a_real_domain_is_asked_for(source):
    write(source / "shop", ASGI)
    definition, _ = guess(source, environment=ROOT / "inventories/production")
    assert definition["app_domains"].startswith("<fill in: ")


def test_redis_gets_ports_that_no_other_application_has(shop):
    ports = {shop("asgi")["app_redis"][name]["port"] for name in ("cache", "state")}
    assert len(ports) == 2 and not ports & {6380, 6381}


@pytest.mark.parametrize(("name", "path"), [("garden", "app"), ("celery_demo", "examples/celery_demo")])
def test_the_kits_own_applications_are_guessed_in_the_essentials(name, path):
    """Their definitions were written by hand; what an inspection can know has to agree."""
    written = load(LAB / f"apps/{name}.yml")
    definition, _ = guess(ROOT, path, name)
    keys = (
        "source",
        "manage",
        "wsgi",
        "celery",
        "exchange",
        "static_root",
        "media_root",
        "beat",
        "environment",
        "flower",
        "secrets",
    )
    for key in [f"app_{key}" for key in keys]:
        assert definition.get(key) == written.get(key), key
    assert sorted(definition["app_queues"]) == sorted(written["app_queues"])
    # Omitted, the path of health is /readyz.
    assert definition.get("app_health_path", "/readyz") == written.get("app_health_path", "/readyz")
    assert definition["app_broker"] == written.get("app_broker", "rabbitmq")
    assert definition["app_result_backend"] == written.get("app_result_backend", "django-db")

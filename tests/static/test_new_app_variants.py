"""`make new-app` of a package whose settings are everybody's own to write; its own functions read variables."""

from __future__ import annotations

import pytest
from ansible.module_utils import adopting
from source_samples import BOMB, CELERY, MANAGE, WSGI
from test_new_app import LAB, guess, write

METADATA = """
Name: shop
Requires-Dist: Django
Requires-Dist: celery[redis]
Requires-Dist: shop[images,ldap]; extra == "all"
Requires-Dist: psycopg2; extra == "images"
Requires-Dist: django-auth-ldap; extra == "ldap"
Requires-Dist: mysqlclient; extra == "other"
"""
HELPERS = """
import os
def text(name, default=None, *, required=False):
    value = os.environ.get(name, default)
    if required and not value:
        raise ValueError(name)
    return value
def flag(name, default=False):
    return text(name) == "1" if text(name) else default
def redis_url():
    return f"redis://{text('REDIS_HOST', 'cache')}:{text('REDIS_PORT', '6379')}/{text('REDIS_DB', '1')}"
"""
SETTINGS = """
from shop.helpers import flag, redis_url, text
ROOT_URLCONF = "shop.urls"
SITE_DOMAIN = text("SHOP_SITE_DOMAIN", required=True)
DATABASES = {"default": {
    "NAME": text("POSTGRES_DB", required=True), "USER": text("POSTGRES_USER", required=True),
    "HOST": text("POSTGRES_HOST", required=True), "OWNER": text("POSTGRES_OWNING_ROLE"),
}}
STORE = text("SHOP_DATA_DIR", "/app/data")
COUNTRY = text("SHOP_COUNTRY", required=True)
THEME = text("SHOP_THEME", "plain", required=True)
CACHES = {"default": {"LOCATION": redis_url()}, "avatars": {"LOCATION": text("SHOP_CACHE_DIR", "/app/cache")}}
CELERY_BROKER_URL = redis_url() + ("?verify" if flag("REDIS_VERIFY", True) else "")
"""


@pytest.fixture
def shop(source):
    """Return the definition of the package with all that is extra."""
    write(source / "shop", {
        "shop-1.0.dist-info/METADATA": METADATA,
        "shop/__init__.py": "",
        "shop/wsgi.py": WSGI.format(settings="shop.settings") + BOMB,
        "shop/celery.py": CELERY.replace('Celery("shop")', 'Celery[Task]("shop")') + BOMB,
        "shop/helpers.py": HELPERS + BOMB,
        "shop/settings_docker.py": SETTINGS + BOMB,
        "shop/settings_test.py": SETTINGS + BOMB,
    })  # fmt: skip
    package = {"package": "shop[all]==1.*"}
    return adopting.describe(source / "shop", "shop", package, adopting.read_environment(LAB)).values()


def test_the_variant_that_is_for_hosts_stands_in_for_settings_that_are_not_there(shop):
    assert shop["app_environment"]["DJANGO_SETTINGS_MODULE"] == "shop.settings_docker"


def test_settings_that_are_there_are_taken(source):
    files = {"manage.py": MANAGE.format(settings="shop.settings"), "shop/settings.py": SETTINGS, "requirements.txt": ""}
    write(source / "shop", files | {"shop/settings_docker.py": SETTINGS})
    assert guess(source)[0]["app_environment"]["DJANGO_SETTINGS_MODULE"] == "shop.settings"


def test_an_application_that_says_of_what_kind_its_tasks_are_is_one(shop):
    assert shop["app_celery"] == "shop"


def test_variables_are_found_through_functions_that_call_each_other(shop):
    assert shop["app_environment_map"] == {
        "POSTGRES_DB": "{database.name}",
        "POSTGRES_HOST": "{database.host}",
        "POSTGRES_USER": "{database.user}",
        "REDIS_DB": "{state.db}",
        "REDIS_HOST": "{state.host}",
        "REDIS_PORT": "{state.port}",
        "SHOP_SITE_DOMAIN": "{site.domain}",
    }


def test_what_is_insisted_on_is_asked_for_unless_it_has_a_default(shop):
    assert [name for name, value in shop["app_environment"].items() if "fill in" in value] == ["SHOP_COUNTRY"]


def test_directories_that_nobody_could_make_lie_where_files_outlive_a_release(shop):
    places = {name: value for name, value in shop["app_environment"].items() if name.endswith("_DIR")}
    assert places == {"SHOP_CACHE_DIR": "/srv/shop/shared/cache", "SHOP_DATA_DIR": "/srv/shop/shared/data"}


def test_extras_of_extras_are_followed_to_what_hosts_and_builds_need(shop):
    assert {"libpq5", "libldap-dev"} <= set(shop["app_packages"])
    assert {"libpq-dev", "libsasl2-dev"} <= set(shop["app_build_packages"])
    assert not {"libmariadb3", "default-libmysqlclient-dev"} & {*shop["app_packages"], *shop["app_build_packages"]}


def test_a_package_that_brings_its_static_files_has_them_copied(source):
    """Where it is installed nobody may write, and nginx serves from the release alone."""
    settings = (
        'import os\nROOT_URLCONF = "shop.urls"\nSECRET_KEY = os.environ["SECRET_KEY"]\nCOMPRESS_OFFLINE = True\n'
        'STATIC_ROOT = os.path.join(os.path.dirname(__file__), "static.dist")\n'
    )
    write(source / "shop", {
        "shop-1.0.dist-info/METADATA": METADATA, "shop/__init__.py": "", "shop/settings.py": settings + BOMB,
        "shop/wsgi.py": WSGI.format(settings="shop.settings") + BOMB,
        "shop/static.dist/CACHE/manifest.json": "{}", "shop/static.dist/shop.css": "",
    })  # fmt: skip
    known = adopting.read_environment(LAB)
    definition = adopting.describe(source / "shop", "shop", {"package": "shop"}, known).values()
    [laid, copied] = definition["app_hooks"]["prepare"]
    assert 'STATIC_ROOT = os.environ["STATIC_ROOT"]' in laid
    assert 'cp -r "$site/shop/static.dist/." "$STATIC_ROOT"' in copied
    assert list(definition["app_hooks"]) == ["prepare"], "compressed already"
    assert definition["app_environment"] == {"DJANGO_SETTINGS_MODULE": "own_settings", "PYTHONPATH": "."}

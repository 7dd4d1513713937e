"""`make new-app` on what large public projects do: settings in pieces, variables of their own for everything."""

from __future__ import annotations

import pytest
from source_samples import CELERY, PLAIN, django
from test_new_app import guess, write

SCHEMA = 'MORE = {"SHOP_AUDIT": (bool, True)}\n'
PIECES = 'from split_settings.tools import include, optional\ninclude("main.dist.py", optional("local.py"))\n'
MAIN = """
import os
import environ
from pathlib import Path
from shop.schema import MORE as AUDIT_SCHEMA
BASE_DIR = Path(__file__).resolve().parent
env = environ.Env(
    SHOP_DEBUG=(bool, False), SHOP_TASK_LIMIT=(int, 1800), SHOP_STATICDIR=(str, BASE_DIR / "static"), **AUDIT_SCHEMA
)
ROOT_URLCONF = "shop.urls"
DEBUG = env("SHOP_DEBUG")
SECRET_KEY = "unsafe"
try:
    SECRET_KEY = os.environ["SHOP_SECRET_KEY"]
except KeyError:
    pass
AUDIT = env("SHOP_AUDIT")
PUBLIC = env("SHOP_URL")
STATIC_ROOT = env("SHOP_STATICDIR")
DATA_DIR = env("SHOP_DATA_DIR", default=str(BASE_DIR / "data"))
MEDIA_ROOT = os.path.join(DATA_DIR, "media")
MEDIA_URL = "/media/"
LOG_DIR = env("SHOP_LOG_DIR", default=os.path.join(DATA_DIR, "logs"))
TEMPLATE_DIR = env("SHOP_TEMPLATE_DIR", default=str(BASE_DIR / "templates"))
HEADER = tuple(os.environ["SHOP_HEADER"]) if "SHOP_HEADER" in os.environ else None
HTTPS = env("SHOP_ENABLE_HTTPS", default=False)
if env("SHOP_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = (env("SHOP_PROTO", default="HTTP_X_FORWARDED_PROTO"), "https")
def engine():
    match env("SHOP_DBENGINE", default="sqlite"):
        case "postgresql":
            return {"HOST": env("SHOP_DBHOST"), "NAME": env("SHOP_DBNAME", default="shop")}
        case _:
            return {"NAME": DATA_DIR}
DATABASES = {"default": engine(), "other": {"NAME": DATA_DIR}}
CACHES = {"default": {
    "BACKEND": env("SHOP_CACHE_BACKEND"), "LOCATION": env("SHOP_CACHE_PLACE"),
    "OPTIONS": {"check": env("SHOP_CACHE_SSL_CHECK_HOSTNAME", default=False)},
}}
USE = env("USE_CELERY", default=False)
def redis_url():
    return env("SHOP_REDIS")
BROKER = redis_url()
CELERY_BROKER_URL = BROKER
CELERY_RESULT_BACKEND = BROKER
CELERY_TASK_TIME_LIMIT = env("SHOP_TASK_LIMIT")
"""
NESTED = """
from django.urls import include, path, re_path
urlpatterns = [
    path("api/", include([re_path("^status/", None), path("health/", None)])),
    path("admin/", admin.site.urls),
]
"""
CHOSEN = """
from importlib import import_module
from django.conf import settings
kind = getattr(import_module("celery"), "Celery")
app = kind(main="shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
"""
SIGNALS = "@receiver(signal=periodic_task)\ndef clean(sender, **kwargs):\n    pass\n"


@pytest.fixture
def shop(source):
    """Return the definition of a project with all of that."""
    files = {
        "shop/settings.py": PIECES, "shop/main.dist.py": MAIN, "shop/schema.py": SCHEMA, "shop/celery.py": CHOSEN,
        "shop/signals.py": SIGNALS, "requirements.txt": "django\ncelery\nredis\npsycopg[binary]\ndjango-redis\n",
    }  # fmt: skip
    write(source / "shop", django(**files) | {"shop/urls.py": NESTED})
    return guess(source)[0]


def test_settings_in_pieces_are_read_with_their_schema(shop):
    """django-split-settings includes them by path, and a part of the schema comes from a module under another name."""
    assert shop["app_environment_map"]["SHOP_STATICDIR"] == "{files.static}"
    assert not [name for name, value in shop["app_environment"].items() if "fill in" in str(value) and "AUDIT" in name]


def test_variables_of_its_own_stand_for_what_is_wired(shop):
    assert shop["app_environment_map"] == {
        "SHOP_CACHE_PLACE": "{cache.url}",
        "SHOP_DBHOST": "{database.host}",
        "SHOP_DBNAME": "{database.name}",
        "SHOP_REDIS": "{state.url}",
        "SHOP_SECRET_KEY": "{django.secret_key}",
        "SHOP_STATICDIR": "{files.static}",
        "SHOP_URL": "{site.url}",
    }


def test_its_own_words_and_switches_are_given(shop):
    wanted = {
        "SHOP_DBENGINE": "postgresql",
        "SHOP_CACHE_BACKEND": "django_redis.cache.RedisCache",
        "USE_CELERY": "True",
        "SHOP_ENABLE_HTTPS": "True",
        "SHOP_BEHIND_PROXY": "True",
    }
    assert wanted.items() <= shop["app_environment"].items()
    assert "SHOP_PROTO" not in shop["app_environment"], "its default is what nginx sends"
    assert "SHOP_HEADER" not in shop["app_environment"], "read only where it is there"


def test_what_it_writes_into_its_source_outlives_a_release(shop):
    """What follows from another variable, and what is only read, stays as it is."""
    places = {name: value for name, value in shop["app_environment"].items() if name.endswith("_DIR")}
    assert places == {"SHOP_DATA_DIR": "/srv/shop/shared/data"}
    assert shop["app_hooks"] == {"prepare": ["mkdir -p /srv/shop/shared/data"]}, "some look for them when they start"
    assert shop["app_media_root"] == "data/media"
    assert shop["app_locations"] == [{"path": "/media", "files": "data/media"}]


def test_a_path_within_another_is_not_taken_for_the_site_s(shop):
    assert shop["app_health_path"] == "/admin/login/"


def test_celery_is_known_by_what_is_asked_of_it(shop):
    """Its class may come from a setting, its broker from a function, its limit from a variable with a default."""
    assert (shop["app_celery"], shop["app_broker"], shop["app_result_backend"]) == ("shop", "redis", "redis")
    assert shop["app_workers"][0]["time_limit"] == 1800
    assert "app_beat" not in shop, "a signal of that name is no schedule"


def test_a_limit_that_no_release_can_wait_for_is_cut_and_told(source):
    settings = 'ROOT_URLCONF = "shop.urls"\nCELERY_TASK_TIME_LIMIT = 43200\n'
    files = {
        "shop/settings.py": settings,
        "shop/celery.py": CELERY,
        "requirements.txt": "celery\n",
    }
    write(source / "shop", django(**files))
    definition, text = guess(source)
    assert definition["app_workers"][0]["time_limit"] == 3000
    assert "allows 43200 s" in text


def test_a_name_that_stands_for_itself_is_no_endless_riddle(source):
    """As `PLACES = PLACES[INDEX]` and `INDEX = PLACES[INDEX]`, which a large project has somewhere."""
    riddle = "import os\nPLACES = PLACES[INDEX]\nINDEX = PLACES[INDEX]\nX = os.environ.get(PLACES[INDEX])\n"
    write(source / "shop", django(**{"shop/settings.py": riddle, "requirements.txt": "django\n"}))
    assert guess(source)[0]["app_name"] == "shop"


COMPUTED = """
import os
class Config:
    def _key(self, section, option):
        section = section.upper()
        return f"SHOP_{section}_{option}"
    def _file_key(self, section, option):
        return f"FILE__SHOP_{section}_{option}"
    def get(self, section, option, fallback=None):
        if self._file_key(section, option) in os.environ:
            return open(os.environ[self._file_key(section, option)]).read()
        return os.environ.get(self._key(section, option), fallback)
config = Config()
ROOT_URLCONF = "shop.urls"
SECRET_KEY = config.get("django", "secret")
KIND = config.get("database", "backend", fallback="sqlite3")
if "mysql" in KIND or KIND == "postgresql":
    DATABASES = {"default": {"ENGINE": "django.db.backends." + KIND, "HOST": config.get("database", "host")}}
REDIS = config.get("redis", "location")
"""


def test_names_that_are_computed_are_found(source):
    write(source / "shop", django(**{"shop/settings.py": COMPUTED, "requirements.txt": "django\nredis\npsycopg\n"}))
    definition = guess(source)[0]
    assert definition["app_environment_map"] == {
        "SHOP_DATABASE_HOST": "{database.host}",
        "SHOP_DJANGO_SECRET": "{django.secret_key}",
        "SHOP_REDIS_LOCATION": "{state.url}",
    }
    assert definition["app_environment"]["SHOP_DATABASE_BACKEND"] == "postgresql"


def test_typelibs_are_named_by_what_the_source_asks_for(source):
    code = 'import gi\ngi.require_version("PangoCairo", "1.0")\ngi.require_version("Rsvg", "2.0")\n'
    files = {
        "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n',
        "shop/draw.py": code,
        "requirements.txt": "pygobject\n",
    }
    write(source / "shop", django(**files))
    found = guess(source)[0]["app_packages"]
    assert found == ["libcairo2", "libgirepository-2.0-0", "gir1.2-pango-1.0", "gir1.2-rsvg-2.0"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ('import json\nSECURE_PROXY_SSL_HEADER = tuple(json.loads(os.environ["H"])) if "H" in os.environ else None\n',
         '["HTTP_X_FORWARDED_PROTO", "https"]'),
        ('SECURE_PROXY_SSL_HEADER = os.environ.get("H", "").split(",")\n', "HTTP_X_FORWARDED_PROTO,https"),
    ],
)  # fmt: skip
def test_the_header_that_tells_of_tls_is_given_in_the_projects_form(source, code, value):
    write(source / "shop", django(**{"shop/settings.py": PLAIN + code, "requirements.txt": "django\n"}))
    assert guess(source)[0]["app_environment"]["H"] == value


def test_a_celery_application_may_come_from_a_function(source):
    code = "from celery import Celery\ndef create():\n    made = Celery('shop')\n    return made\napp = create()\n"
    files = {"shop/settings.py": PLAIN, "shop/worker.py": code, "requirements.txt": "celery\n"}
    write(source / "shop", django(**files))
    assert guess(source)[0]["app_celery"] == "shop.worker"

"""Small projects in the shapes that people write them in: path to content, for `make new-app` to read."""

from __future__ import annotations

MANAGE = """
import os
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")
execute_from_command_line()
"""
WSGI = """
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")
application = get_wsgi_application()
"""
CELERY = """
from celery import Celery
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""
URLS = """
from django.urls import path
urlpatterns = [path("health/", None)]
"""
#: Reading it must stay reading: whoever imports a sample is told so.
BOMB = "raise SystemExit('a source was run')\n"


def django(package: str = "shop", settings: str = "", *, base: str = "", **files: str) -> dict[str, str]:
    """Return a Django project: manage.py, WSGI, URLs and settings, every one of which fails when it is run."""
    settings = settings or f"{package}.settings"
    own = {
        "manage.py": MANAGE.format(settings=settings),
        f"{package}/__init__.py": "",
        f"{package}/wsgi.py": WSGI.format(settings=settings),
        f"{package}/urls.py": URLS,
    }
    return {f"{base}{name}": text + BOMB for name, text in own.items()} | files


PLAIN = 'import os\nROOT_URLCONF = "shop.urls"\nSECRET_KEY = os.environ["SECRET_KEY"]\n'
POETRY = django(**{
    "shop/settings.py": PLAIN + 'import dj_database_url\nDATABASES = {"default": dj_database_url.config()}\n',
    "pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\ndjango = "^5.2"\n'
    'celery = {extras = ["redis"], version = "5"}\n'
    'weasyprint = "*"\n',
    "poetry.lock": '[[package]]\nname = "weasyprint"\n[package.dependencies]\ncairosvg = "*"\n',
    "shop/celery.py": CELERY,
})  # fmt: skip
UV = django(**{
    "shop/settings.py": 'import environ\nenv = environ.Env(DEBUG=(bool, False))\nDEBUG = env("DEBUG")\n'
    'ROOT_URLCONF = "shop.urls"\n'
    'SECRET_KEY = env("DJANGO_SECRET_KEY")\nDATABASES = {"default": env.db()}\nSTRIPE_API_KEY = env("STRIPE_API_KEY")\n'
    'SHOP_COUNTRY = env.str("SHOP_COUNTRY")\nTHEME = env("THEME", default="plain")\n',
    "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["django>=5", "psycopg[binary]"]\n',
    "uv.lock": '[[package]]\nname = "django"\ndependencies = [{name = "sqlparse"}]\n',
})  # fmt: skip
SETUP_CFG = {
    "setup.cfg": "[options]\ninstall_requires =\n    celery\n    python-magic\n",
    "mailer/__init__.py": "",
    "mailer/app.py": 'from celery import Celery\nworker = Celery("mailer", broker="amqp://localhost")\n'
    'worker.conf.task_routes = {"mailer.send": {"queue": "mail"}}\n',
}  # fmt: skip
SPLIT = django("config", "config.settings.local", **{
    "config/settings/__init__.py": "",
    "config/settings/base.py": 'from decouple import config\nROOT_URLCONF = "config.urls"\n'
    'SECRET_KEY = config("SECRET_KEY")\n'
    'MAIL_FROM = config("MAIL_FROM")\nSTATIC_ROOT = BASE_DIR / "staticfiles"\n'
    'WSGI_APPLICATION = "config.wsgi.application"\n',
    "config/settings/local.py": 'from .base import *\nONLY_LOCAL = config("ONLY_LOCAL")\n',
    "config/settings/production.py": 'from .base import *\nCELERY_TASK_DEFAULT_QUEUE = "main"\n'
    'CELERY_TASK_ROUTES = {"a.*": {"queue": "slow"}}\n'
    'CELERY_BEAT_SCHEDULE = {"a": {"task": "a", "schedule": 5}}\n'
    'CELERY_BROKER_URL = config("BROKER_URL", default="amqp://x")\n',
    "config/celery.py": CELERY,
    "requirements/base.txt": "django\ncelery\nflower\n",
    "requirements/production.txt": "-r base.txt\ngunicorn\npsycopg[binary]\n",
})  # fmt: skip
SRC = django("shop", base="src/", **{
    "src/shop/settings.py": PLAIN,
    "requirements.txt": "django\npsycopg[binary]\n",
})  # fmt: skip
ASGI = django(**{
    "shop/settings.py": PLAIN + 'ASGI_APPLICATION = "shop.asgi.application"\nREDIS = os.environ["REDIS_URL"]\n',
    "shop/asgi.py": WSGI.replace("wsgi", "asgi").format(settings="shop.settings"),
    "requirements.txt": "django\nchannels\nchannels-redis\ndaphne\n",
})  # fmt: skip
NO_CELERY = django(**{"shop/settings.py": PLAIN, "requirements.txt": "django==5.2\n"})
CELERY_ONLY = {
    "requirements.txt": "celery[redis]==5.5\n",
    "jobs/__init__.py": "",
    "jobs/celery.py": 'import os\nfrom celery import Celery\napp = Celery(broker=os.environ["CELERY_BROKER_URL"])\n',
    "jobs/tasks.py": 'from jobs.celery import app\n@app.task(queue="bulk")\ndef work(): pass\n',
}
CLASSIC = django(**{
    "shop/settings.py": """
import os
SECRET_KEY = os.environ.get("SECRET_KEY")
DEBUG = int(os.environ.get("DEBUG", default=1))
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost").split(" ")
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": {
    "ENGINE": os.environ.get("SQL_ENGINE", "django.db.backends.sqlite3"),
    "NAME": os.environ.get("SQL_DATABASE", "db.sqlite3"),
    "USER": os.environ.get("SQL_USER", "user"),
    "PASSWORD": os.environ.get("SQL_PASSWORD", "password"),
    "HOST": os.environ.get("SQL_HOST", "localhost"),
    "PORT": os.environ.get("SQL_PORT", "5432"),
}}
STATIC_ROOT = os.path.join(BASE_DIR, "staticfiles")
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER", "redis://redis:6379/0")
CELERY_RESULT_BACKEND = os.environ.get("CELERY_BACKEND", "redis://redis:6379/0")
""",
    "shop/celery.py": CELERY,
    "requirements.txt": "Django==4.2\ncelery==5.2\nredis==4\npsycopg2-binary\n",
})  # fmt: skip
SHAPES = {
    "poetry": POETRY, "uv": UV, "setup.cfg": SETUP_CFG, "split settings": SPLIT, "src": SRC, "asgi": ASGI,
    "no celery": NO_CELERY, "celery only": CELERY_ONLY, "classic": CLASSIC,
}  # fmt: skip

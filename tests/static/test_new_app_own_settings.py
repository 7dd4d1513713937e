"""`make new-app` on settings that are the same on every machine: what it lays over them, and what runs beforehand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from source_samples import PLAIN, django
from test_new_app import guess, write

HARD = """
import os
ROOT_URLCONF = "shop.urls"
SECRET_KEY = "django-insecure-of-everybody"
DEBUG = True
ALLOWED_HOSTS = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE_DIR, "db.sqlite3")}}
MEDIA_ROOT = os.path.join(BASE_DIR, "media")
STATIC_ROOT = os.path.join(BASE_DIR, "staticfiles")
"""


def test_settings_that_read_nothing_get_settings_laid_over_them(source):
    """A file of the operator's own, written by a hook, for whoever may not touch the project."""
    write(source / "shop", django(**{"shop/settings.py": HARD, "requirements.txt": "django\n"}))
    definition, text = guess(source)
    [command] = definition["app_hooks"]["prepare"]
    scratch = source / "laid"
    scratch.mkdir()
    subprocess.run(["bash", "-euc", command], cwd=scratch, check=True)
    laid = (scratch / "own_settings.py").read_text()
    assert "    cat > own_settings.py" in text, "readable in the definition: lines, no escapes"
    (scratch / "shop").mkdir()
    (scratch / "shop/settings.py").write_text('DATABASES = {"default": {}}\n')
    given = {name: name.lower() for name in definition["app_environment_map"]}
    given |= {name: name.lower() for name in ("SECRET_KEY", "MEDIA_ROOT", "STATIC_ROOT")}
    given |= {"ALLOWED_HOSTS": "a,b", "CSRF_TRUSTED_ORIGINS": "https://a"}
    shown = "import own_settings as s; print(s.SECRET_KEY, s.ALLOWED_HOSTS[1], s.DEBUG, s.DATABASES['default']['HOST'])"
    told = subprocess.check_output([sys.executable, "-c", shown], cwd=scratch, env=given, text=True)
    assert told.split() == ["secret_key", "b", "False", "database_host"], laid
    assert definition["app_environment"]["DJANGO_SETTINGS_MODULE"] == "own_settings"
    assert (definition["app_static_root"], definition["app_media_root"]) == ("static", "media")


@pytest.mark.parametrize("reads", ['SECRET_KEY = os.environ["K"]\nDATABASES = {"default": env.db()}\n', "X = 1\n"])
def test_settings_that_read_their_environment_are_left_alone(source, reads):
    settings = f'import os, environ\nenv = environ.Env()\nROOT_URLCONF = "shop.urls"\nDEBUG = True\n{reads}'
    write(source / "shop", django(**{"shop/settings.py": settings, "requirements.txt": "django\n"}))
    assert guess(source)[0]["app_environment"]["DJANGO_SETTINGS_MODULE"] == "shop.settings"


def test_a_key_in_a_containers_file_is_taken_from_the_environment(source):
    """Such settings can't even be loaded on a host: a copy can, without that line."""
    settings = (
        'import os\nfrom pathlib import Path\nROOT_URLCONF = "shop.urls"\nNAME = "shop"\n'
        'SECRET_KEY = Path("/run/secrets/key").read_text()\n'
        'STATIC_ROOT = os.path.join(os.environ.get("SHOP_CACHE_DIR", "/app/cache"), "static")\n'
    )
    write(source / "shop", django(**{"shop/settings.py": settings, "requirements.txt": "django\n"}))
    definition = guess(source)[0]
    prepare = [command.replace("/srv/", f"{source}/srv/") for command in definition["app_hooks"]["prepare"]]
    given = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "SECRET_KEY": "ours", "STATIC_ROOT": "/here"}
    given["CSRF_TRUSTED_ORIGINS"] = "https://shop.test"
    for command in prepare:
        subprocess.run(["bash", "-euc", command], cwd=source / "shop", env=given, check=True)
    shown = "import own_settings as s; print(s.SECRET_KEY, s.STATIC_ROOT, s.NAME)"
    told = subprocess.check_output([sys.executable, "-c", shown], cwd=source / "shop", env=given, text=True)
    assert told.split() == ["ours", "/here", "shop"]


@pytest.mark.parametrize(("line", "wanted"), [("True", True), ("not DEBUG", True), ("False", False)])
def test_what_pages_want_compressed_beforehand_is(source, line, wanted):
    settings = PLAIN + f"COMPRESS_OFFLINE = {line}\n"
    write(source / "shop", django(**{"shop/settings.py": settings, "requirements.txt": "django\ndjango-compressor\n"}))
    hooks = guess(source)[0].get("app_hooks")
    assert hooks == (
        {"before_migrate": [{"command": "python manage.py compress", "everywhere": True}]} if wanted else None
    )

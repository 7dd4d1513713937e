"""What `make doctor` says of Django and gunicorn: for each rule a case that it names, and one that passes."""

from __future__ import annotations

import pytest
from ansible.module_utils import doctor
from doctor_samples import FACTS, findings
from samples import DELETE

SET, DATABASE, CACHE = "django/settings", "django/databases/default", "django/caches/default"
SESSIONS, CSRF = FACTS["django"]["settings"]["MIDDLEWARE"]
IN_CACHE = {f"{SET}/SESSION_ENGINE": "django.contrib.sessions.backends.cache"}
FILE = {f"{DATABASE}/is_file": True}
ASGI = {"app_asgi": "config.asgi:application", "app_wsgi": DELETE}
SINK = "django.core.mail.backends.console.EmailBackend"
MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
#: By setting: what makes it a finding, and what does not.
CASES = {
    "DEBUG": ({f"{SET}/DEBUG": True}, {}),
    "SECRET_KEY": (
        {"django/secret_key": {"length": 70, "distinct": 30, "generated": True}},
        {"django/secret_key": {"length": 32, "distinct": 5, "generated": False}},
    ),
    "written_secrets": ({"written_secrets": [{"name": "SECRET_KEY", "file": "shop/settings.py"}]}, {}),
    "SESSION_COOKIE_SECURE": (
        {f"{SET}/SESSION_COOKIE_SECURE": False}, {f"{SET}/SESSION_COOKIE_SECURE": False, f"{SET}/MIDDLEWARE": [CSRF]}
    ),
    "SESSION_COOKIE_HTTPONLY": (
        {f"{SET}/SESSION_COOKIE_HTTPONLY": False}, {f"{SET}/SESSION_COOKIE_HTTPONLY": False, "app_wsgi": DELETE}
    ),
    "CSRF_COOKIE_SECURE": (
        {f"{SET}/CSRF_COOKIE_SECURE": False}, {f"{SET}/CSRF_COOKIE_SECURE": False, f"{SET}/MIDDLEWARE": []}
    ),
    "MIDDLEWARE": ({f"{SET}/MIDDLEWARE": [SESSIONS]}, {f"{SET}/MIDDLEWARE": []}),
    "SESSION_SERIALIZER": ({f"{SET}/SESSION_SERIALIZER": "django.contrib.sessions.serializers.PickleSerializer"}, {}),
    "PASSWORD_HASHERS": (
        {f"{SET}/PASSWORD_HASHERS": [MD5]},
        # Old passwords are still understood.
        {f"{SET}/PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher", MD5]},
    ),
    "EMAIL_USE_TLS": (
        {f"{SET}/EMAIL_USE_TLS": False}, {f"{SET}/EMAIL_USE_TLS": False, f"{SET}/EMAIL_HOST": "localhost"}
    ),
    "LOGGING.include_html": ({"django/html_reports": ["mail"]}, {}),
    "CORS_ALLOW_ALL_ORIGINS": (
        {f"{SET}/CORS_ALLOW_ALL_ORIGINS": True, f"{SET}/CORS_ALLOW_CREDENTIALS": True},
        {f"{SET}/CORS_ALLOW_ALL_ORIGINS": True},
    ),
    "ALLOWED_HOSTS.any": ({f"{SET}/ALLOWED_HOSTS": ["*"]}, {f"{SET}/ALLOWED_HOSTS": ["*"], "app_wsgi": DELETE}),
    "ALLOWED_HOSTS": (
        {"app_domains": ["garden.test", "www.garden.test"]},
        {"app_domains": ["garden.test", "www.Garden.test", "*.garden.test"], f"{SET}/ALLOWED_HOSTS": [".garden.test"]},
    ),
    "DATABASES.CONN_HEALTH_CHECKS": (
        {f"{DATABASE}/CONN_HEALTH_CHECKS": False},
        {f"{DATABASE}/CONN_HEALTH_CHECKS": False, f"{DATABASE}/CONN_MAX_AGE": 0},
    ),
    "DATABASES.CONN_MAX_AGE": (ASGI, ASGI | {f"{DATABASE}/CONN_MAX_AGE": 0}),
    "DATABASES.connect_timeout": ({f"{DATABASE}/options": []}, {f"{DATABASE}/options": [], **FILE}),
    "CACHES.socket_timeout": ({f"{CACHE}/options": []}, {f"{CACHE}/options": [], f"{CACHE}/service/kind": ""}),
    "SESSION_ENGINE": (
        IN_CACHE | {f"{CACHE}/backend": "django.core.cache.backends.locmem.LocMemCache"}, IN_CACHE
    ),
    "SESSION_ENGINE.cache": (IN_CACHE, {f"{SET}/SESSION_ENGINE": "django.contrib.sessions.backends.cached_db"}),
    "FILE_UPLOAD_MAX_MEMORY_SIZE": (
        {f"{SET}/FILE_UPLOAD_MAX_MEMORY_SIZE": 200 * 2**20, "app_web": {"body_limit": "1g"}},
        # nginx lets 10 MiB pass.
        {f"{SET}/FILE_UPLOAD_MAX_MEMORY_SIZE": 200 * 2**20},
    ),
    "STORAGES": (
        {"django/hashed_names": False}, {"django/hashed_names": False, f"{SET}/STATIC_URL": "https://cdn.test/"}
    ),
    "STATIC_ROOT": (
        {f"{SET}/STATIC_ROOT": "/srv/garden/releases/1/source/static"},
        {f"{SET}/STATIC_ROOT": None, f"{SET}/INSTALLED_APPS": []},
    ),
    "DATABASES.NAME": ({f"{DATABASE}/in_release": True, **FILE}, FILE),
    "DATABASES.ATOMIC_REQUESTS": (
        {f"{DATABASE}/ATOMIC_REQUESTS": True}, {f"{DATABASE}/ATOMIC_REQUESTS": True, "celery": None}
    ),
    "MEDIA_ROOT": ({"django/media_in_release": True}, {}),
    "EMAIL_BACKEND": ({f"{SET}/EMAIL_BACKEND": SINK}, {f"{SET}/EMAIL_BACKEND": "core.mail.EmailBackend"}),
    "EMAIL_TIMEOUT": ({f"{SET}/EMAIL_TIMEOUT": None}, {f"{SET}/EMAIL_TIMEOUT": None, "django/sends_mail": False}),
    "CACHES.LOCATION": ({f"{CACHE}/service/port": 6381}, {f"{CACHE}/service/port": 6379}),
    "GUNICORN_CMD_ARGS": (
        {"environment/gunicorn": ["--timeout"]}, {"environment/gunicorn": ["--timeout"], "app_wsgi": DELETE}
    ),
    "gunicorn.conf.py": (
        {"environment/gunicorn_files": ["gunicorn.conf.py"]},
        {"environment/gunicorn_files": ["gunicorn.conf.py"], "app_wsgi": DELETE},
    ),
    "app_web.preload": (
        {"web/connections": ["default"]}, {"web/connections": ["default"], "app_web": {"preload": False}}
    ),
    "app_web.preload.threads": (
        {"web/threads": ["metrics"]}, {"web/threads": ["metrics"], "app_web": {"preload": False}}
    ),
    "app_web.timeout": ({"app_web": {"timeout": 61}}, {"app_web": {"timeout": 60}}),
}  # fmt: skip


@pytest.mark.parametrize("setting", CASES)
def test_a_setting_is_named_where_it_loses_something(setting):
    finding = findings(CASES[setting][0])[setting]
    assert finding["value"] and finding["snippet"]


@pytest.mark.parametrize("setting", CASES)
def test_it_is_let_pass_where_it_does_not(setting):
    assert setting not in findings(CASES[setting][1])


def test_each_rule_has_its_cases():
    assert set(CASES) == {rule.setting for group in ("django", "web") for rule in doctor.GROUPS[group]}


def test_an_application_without_django_is_not_judged_by_it():
    assert findings({"django": None, "written_secrets": [{"name": "X", "file": "y"}]}) == {}


def test_a_secret_of_a_database_is_written_as_python():
    entry = {"name": 'DATABASES["default"]["PASSWORD"]', "file": "shop/settings.py"}
    snippet = findings({"written_secrets": [entry]})["written_secrets"]["snippet"]
    assert snippet.endswith('DATABASES["default"]["PASSWORD"] = os.environ["DATABASES_DEFAULT_PASSWORD"]')


@pytest.mark.parametrize(
    ("version", "given", "line"),
    [
        ("5.2", [], "STORAGES = {"),
        ("5.2", ["STORAGES"], 'STORAGES["staticfiles"] = {'),
        ("4.1.13", [], "STATICFILES_STORAGE = "),
    ],
)
def test_static_files_are_hashed_as_django_and_the_settings_have_it(version, given, line):
    versions = FACTS["versions"] | {"django": version}
    changes = {"django/hashed_names": False, "django/set": given, "versions": versions}
    assert f"# in shop.settings\n{line}" in findings(changes)["STORAGES"]["snippet"]

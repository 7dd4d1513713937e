"""The environment is read literally, whatever a secret contains."""

import json

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from production import HOSTILE, PRODUCTION, QUOTED, run_python

from config.env import Env, cache_config, database_config
from core.local_secret import local_secret_key

SHOW = (
    "import json; from django.conf import settings as s; import config; c = config.celery_app.conf; "
    "print(json.dumps([s.SECRET_KEY, s.DATABASES['default']['PASSWORD'], c.broker_url, c.result_backend, "
    "s.ALLOWED_HOSTS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_PROXY_SSL_HEADER, s.DEBUG, "
    "c.get('CELERY_DB_REUSE_MAX'), s.STATIC_ROOT]))"
)


@pytest.mark.parametrize("value", [HOSTILE, "$", "$PATH", "$$HOME", "\\$x", "%%", " x ", "a,b"])
def test_a_value_is_taken_literally(monkeypatch, value):
    monkeypatch.setenv("A_SECRET", value)
    assert Env().str("A_SECRET") == value


@pytest.mark.parametrize(("content", "value"), [("a $b\n", "a $b"), ("$x", "$x"), ("a\n\n", "a\n"), (" ", " ")])
def test_a_file_may_hold_a_value(monkeypatch, tmp_path, content, value):
    (tmp_path / "secret").write_text(content)
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))
    assert Env().str("A_SECRET") == value
    # The file wins: whoever names one does not want what an image has set.
    monkeypatch.setenv("A_SECRET", "other")
    assert Env().text("A_SECRET", "default") == value


def test_a_missing_value_names_the_variable(monkeypatch):
    monkeypatch.delenv("A_SECRET", raising=False)
    with pytest.raises(ImproperlyConfigured, match="A_SECRET"):
        Env().str("A_SECRET")


def test_names_are_split_and_stripped(monkeypatch):
    monkeypatch.setenv("SOME_NAMES", "a.test, b.test,,")
    assert Env().names("SOME_NAMES") == ["a.test", "b.test"]
    monkeypatch.setenv("SOME_NAMES", "")
    assert Env().names("SOME_NAMES", default=("x",)) == ["x"]


def test_the_database_password_is_decoded_once():
    config = database_config(f"postgresql://{QUOTED}:{QUOTED}@db.test:5433/garden")
    assert (config["USER"], config["PASSWORD"]) == (HOSTILE, HOSTILE)
    assert (config["HOST"], config["PORT"], config["NAME"]) == ("db.test", 5433, "garden")


def test_postgresql_connections_are_kept_and_checked():
    config = database_config("postgresql://u:p@db.test/garden?sslmode=require")
    assert config["CONN_MAX_AGE"] == 300
    assert config["CONN_HEALTH_CHECKS"] is True
    assert config["OPTIONS"]["connect_timeout"] <= 5
    assert config["OPTIONS"]["sslmode"] == "require"


def test_an_unknown_database_is_refused_without_showing_its_password():
    with pytest.raises(ImproperlyConfigured) as caught:
        database_config("postgre://u:verysecret@db.test/garden")
    assert "verysecret" not in str(caught.value)


def test_the_cache_password_is_decoded_once():
    config = cache_config(f"redis://garden:{QUOTED}@cache.test:6380/0")
    kwargs = redis.ConnectionPool.from_url(config["LOCATION"]).connection_kwargs
    assert (kwargs["username"], kwargs["password"], kwargs["port"]) == ("garden", HOSTILE, 6380)


def test_a_cache_may_listen_on_a_socket_file():
    config = cache_config(f"unix://garden:{QUOTED}@/run/cache.sock?db=1")
    kwargs = redis.ConnectionPool.from_url(config["LOCATION"]).connection_kwargs
    assert (kwargs["path"], kwargs["password"], kwargs["db"]) == ("/run/cache.sock", HOSTILE, 1)


def test_an_unknown_cache_is_refused():
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL"):
        cache_config("memcached://cache.test")


def test_the_broker_password_is_decoded_once():
    connection = Connection(f"amqp://garden:{QUOTED}@mq.test:5673/garden")
    assert (connection.password, connection.virtual_host, connection.port) == (HOSTILE, "garden", 5673)


def test_production_settings_with_hostile_secrets():
    result = run_python("-c", SHOW, **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == [
        HOSTILE,
        HOSTILE,
        PRODUCTION["CELERY_BROKER_URL"],
        "django-db",
        ["garden.test", "www.garden.test"],
        True,
        True,
        ["HTTP_X_FORWARDED_PROTO", "https"],
        False,
        1_000_000,
        "somewhere/static",
    ]


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(name):
    result = run_python("-c", SHOW, **{k: v for k, v in PRODUCTION.items() if k != name})
    assert result.returncode != 0
    assert f"Set the {name} environment variable" in result.stderr


def test_a_local_key_is_made_once_and_private(tmp_path):
    path = tmp_path / "key"
    key = local_secret_key(path)
    assert len(key) >= 50
    assert local_secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
